"""Secrets in the database: encrypted, shown nowhere, and readable with an old key until they are rotated."""

import copy
import json
import pickle
import sys
from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.forms import modelform_factory
from django.views.debug import ExceptionReporter

from caledee.sealed import KeyMissing, Sealed, SealedTextField

FIRST, SECOND, THIRD = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "https://calendar.example/private-8d1c/basic.ics"

pytestmark = pytest.mark.django_db


@pytest.fixture
def note_model(db):
    """A model with two secrets, which exists only during the test."""

    class Note(models.Model):  # noqa: DJ008
        title = models.TextField(default="")
        address = SealedTextField()
        password = SealedTextField(default="")

        class Meta:
            app_label = "caledee"

    with connection.schema_editor() as editor:
        editor.create_model(Note)
    yield Note
    del apps.all_models["caledee"]["note"]
    apps.clear_cache()


def stored(model):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT address, password FROM {model._meta.db_table} ORDER BY id")
        return cursor.fetchall()


def run(*command):
    output = StringIO()
    call_command(*command, stdout=output)
    return output.getvalue().splitlines()


def test_a_secret_can_be_stored_and_revealed(note_model):
    note_model.objects.create(address=SECRET, password="Schlüssel")

    note = note_model.objects.get()

    assert (note.address.reveal(), note.password.reveal()) == (SECRET, "Schlüssel")


def test_the_database_has_only_the_encrypted_text(note_model):
    note_model.objects.create(address=SECRET, password="Schlüssel")
    note_model.objects.update(password="changed")

    [(address, password)] = stored(note_model)

    assert address.startswith("gAAAA")
    assert password.startswith("gAAAA")
    assert note_model.objects.get().password.reveal() == "changed"


def test_saving_again_does_not_encrypt_again(note_model):
    note_model.objects.create(address=SECRET)
    before = stored(note_model)

    note_model.objects.get().save()

    assert stored(note_model) == before


def test_a_text_is_sealed_as_soon_as_it_is_assigned(note_model):
    note = note_model(address="first")
    note.address = SECRET

    assert isinstance(note.address, Sealed)
    assert SECRET not in str(note.__dict__)
    assert note.address.reveal() == SECRET


def test_a_secret_can_be_left_out_and_loaded_later(note_model):
    note_model.objects.create(address=SECRET)

    assert note_model.objects.defer("address").get().address.reveal() == SECRET


def test_an_empty_secret_is_false_and_needs_no_key(note_model, settings):
    note_model.objects.create(address="", password=SECRET)
    settings.SECRET_KEY = "another" * 10

    note = note_model.objects.get()

    assert (bool(note.address), note.address.reveal(), bool(note.password)) == (False, "", True)


def test_anything_but_a_text_is_refused(note_model):
    with pytest.raises(TypeError, match="A bytes can't be sealed"):
        note_model.objects.create(address=b"https://")


@pytest.mark.parametrize("show", [repr, str, format, lambda sealed: f"{sealed!r:>20}"])
def test_a_secret_is_not_shown(show):
    assert show(Sealed.of(SECRET)).strip() == "<sealed>"


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda sealed: pickle.loads(pickle.dumps(sealed))])
def test_a_copy_has_the_encrypted_text_alone(clone):
    sealed = Sealed.of(SECRET)

    assert clone(sealed) == sealed
    assert clone(sealed).reveal() == SECRET
    assert SECRET.encode() not in pickle.dumps(sealed)


def test_equal_texts_are_not_encrypted_equally():
    assert Sealed.of(SECRET) != Sealed.of(SECRET)


def test_a_secret_is_not_on_an_error_page(note_model):
    note = note_model(address=SECRET, password=SECRET)
    try:
        raise ValueError(f"something with {note.address} is wrong")
    except ValueError:
        page = ExceptionReporter(None, *sys.exc_info()).get_traceback_html()

    assert "something with &lt;sealed&gt; is wrong" in page
    assert SECRET not in page


def test_a_dump_of_rows_has_the_encrypted_text_and_can_be_loaded(note_model):
    note_model.objects.create(address=SECRET)
    dump = serializers.serialize("json", note_model.objects.all())
    assert SECRET not in dump
    assert json.loads(dump)[0]["fields"]["address"] == stored(note_model)[0][0]
    note_model.objects.all().delete()

    for row in serializers.deserialize("json", dump):
        row.save()

    assert note_model.objects.get().address.reveal() == SECRET


@pytest.mark.parametrize("condition", [{"address": SECRET}, {"address__contains": "x"}, {"address__in": ["x"]}])
def test_a_secret_is_no_condition(note_model, condition):
    with pytest.raises(FieldError):
        list(note_model.objects.filter(**condition))


def test_a_form_of_the_model_does_not_have_the_field(note_model):
    assert list(modelform_factory(note_model, fields="__all__").base_fields) == ["title"]


def test_without_the_key_reading_the_row_works_and_revealing_raises(note_model, settings):
    settings.CALENDAR_KEYS = [FIRST]
    note_model.objects.create(title="Work", address=SECRET)
    settings.CALENDAR_KEYS = [SECOND]

    note = note_model.objects.get()

    assert (note.title, str(note.address), bool(note.address)) == ("Work", "<sealed>", True)
    with pytest.raises(KeyMissing) as raised:
        note.address.reveal()
    assert str(raised.value) == ""


def test_a_damaged_secret_raises_as_well():
    with pytest.raises(KeyMissing):
        Sealed("gAAAA" + "é" * 40).reveal()


def test_the_first_key_encrypts_and_all_of_them_decrypt(settings):
    settings.CALENDAR_KEYS = [FIRST]
    old = Sealed.of(SECRET)
    settings.CALENDAR_KEYS = [SECOND, FIRST]
    new = Sealed.of(SECRET)

    assert old.reveal() == SECRET
    assert Fernet(SECOND).decrypt(new.token) == SECRET.encode()


def test_without_keys_of_their_own_secrets_depend_on_the_secret_key(settings):
    sealed = Sealed.of(SECRET)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert sealed.reveal() == SECRET

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(KeyMissing):
        sealed.reveal()


def test_the_derived_key_is_not_the_secret_key_itself(settings):
    settings.SECRET_KEY = FIRST

    with pytest.raises(InvalidToken):
        Fernet(FIRST).decrypt(Sealed.of(SECRET).token)


def test_rotating_encrypts_everything_with_the_first_key(note_model, settings):
    note_model.objects.bulk_create(note_model(address=f"{SECRET}?{number}", password="") for number in range(450))
    settings.CALENDAR_KEYS = [FIRST]

    assert run("rotate_secrets") == ["Encrypted with the first key: 450", "Had the first key already: 0"]

    settings.SECRET_KEY = "another" * 10
    revealed = [note.address.reveal() for note in note_model.objects.order_by("pk")]
    assert revealed == [f"{SECRET}?{number}" for number in range(450)]


def test_rotating_again_changes_nothing(note_model, settings):
    note_model.objects.create(address=SECRET, password=SECRET)
    settings.CALENDAR_KEYS = [FIRST]
    run("rotate_secrets")
    before = stored(note_model)

    assert run("rotate_secrets") == ["Encrypted with the first key: 0", "Had the first key already: 2"]
    assert stored(note_model) == before


def test_what_can_not_be_decrypted_stays_and_is_counted(note_model, settings):
    settings.CALENDAR_KEYS = [THIRD]
    note_model.objects.create(address=SECRET)
    before = stored(note_model)
    settings.CALENDAR_KEYS = [FIRST]
    note_model.objects.create(address=SECRET)

    with pytest.raises(CommandError, match=r"^None of the keys can decrypt: 1\. Add the key") as raised:
        run("rotate_secrets")

    assert raised.value.returncode == 1
    assert stored(note_model)[:1] == before


def test_check_reports_secrets_that_can_not_be_decrypted(note_model, settings):
    note_model.objects.create(address=SECRET, password="")
    run("check")
    settings.SECRET_KEY = "another" * 10

    with pytest.raises(CommandError, match="None of the keys can decrypt 1 stored secret of connected calendars"):
        run("check")


def test_a_check_of_one_app_does_not_read_the_secrets(note_model, settings, django_assert_num_queries):
    note_model.objects.create(address=SECRET)
    settings.SECRET_KEY = "another" * 10

    with django_assert_num_queries(0):
        run("check", "caledee")
