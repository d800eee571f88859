"""Authenticator apps and recovery codes."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.caledee.accounts.steps import (
    LOGIN,
    SECURITY,
    code_of_app,
    errors_of,
    is_signed_in,
    recovery_codes_of,
    say_who_one_is,
    set_up_app,
    sign_in,
    work_off_emails,
)
from tests.support.pages import read

APP = reverse("mfa_activate_totp")
REMOVE = reverse("mfa_deactivate_totp")
STEP = reverse("mfa_authenticate")
WHO = reverse("mfa_reauthenticate")
CODES = reverse("mfa_view_recovery_codes")
NEW_CODES = reverse("mfa_generate_recovery_codes")
DOWNLOAD = reverse("mfa_download_recovery_codes")


@pytest.fixture(autouse=True)
def still_clock(db):
    """Stop the clock in the middle of a step of 30 seconds in which no code was used."""
    cache.clear()
    with time_machine.travel(datetime(2026, 11, 24, 10, 0, 15, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def secret(client, ada):
    sign_in(client, ada)
    return set_up_app(client)


@pytest.fixture
def at_the_step(secret, ada):
    """A browser in which the password was entered."""
    client = Client()
    response = sign_in(client, ada)
    assert response["Location"] == STEP
    return client


def kinds_of(person):
    return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))


@pytest.mark.parametrize("address", [APP, CODES, NEW_CODES, DOWNLOAD, reverse("mfa_add_webauthn")])
def test_page_requires_a_recent_login(client, ada, secret, address):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    elsewhere.post(STEP, {"code": code_of_app(secret)})

    response = elsewhere.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith(f"{reverse('mfa_reauthenticate')}?next=")


def test_app_is_set_up_by_its_code_and_brings_recovery_codes(
    client, ada, mailoutbox, django_capture_on_commit_callbacks
):
    sign_in(client, ada)
    say_who_one_is(client)
    page = client.get(APP)
    secret = page.context["secret"]
    assert read(page).by_id("secret").text == secret
    assert len(read(page).all("svg", class_="qr-code")) == 1

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(APP, {"code": code_of_app(secret)})
    work_off_emails()

    assert (response.status_code, response["Location"]) == (302, CODES)
    assert kinds_of(ada) == ["recovery_codes", "totp"]
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["ada@example.com"], "An authenticator app was added")
    ]


@pytest.mark.parametrize("code", ["000000", "", "\x00", "٣٣٣٣٣٣", "x" * 10_000, "1\r\n2"])
def test_app_is_not_set_up_by_a_wrong_code(client, ada, code):
    sign_in(client, ada)
    say_who_one_is(client)
    secret = client.get(APP).context["secret"]

    response = client.post(APP, {"code": code})

    assert response.status_code == 422
    assert list(errors_of(response)) == ["code"]
    assert response.context["secret"] == secret
    assert kinds_of(ada) == []


def test_password_alone_no_longer_signs_in(at_the_step):
    assert not is_signed_in(at_the_step)


@pytest.mark.parametrize("steps", [0, 1])
def test_code_of_the_app_signs_in_even_where_its_clock_is_a_little_ahead(at_the_step, secret, steps):
    response = at_the_step.post(STEP, {"code": code_of_app(secret, steps=steps)})

    assert (response.status_code, response["Location"]) == (302, "/event-types/")
    assert is_signed_in(at_the_step)


@pytest.mark.parametrize("code", ["000000", "", "\x00", "x" * 10_000, "ÄÖÜ"])
def test_wrong_code_answers_422(at_the_step, code):
    response = at_the_step.post(STEP, {"code": code})

    assert response.status_code == 422
    assert list(errors_of(response)) == ["code"]
    assert not is_signed_in(at_the_step)


@pytest.mark.parametrize("steps", [-1, 0])
def test_code_of_the_app_works_once(at_the_step, secret, ada, steps):
    """The code of the previous step was used to set up the app."""
    if steps == 0:
        at_the_step.post(STEP, {"code": code_of_app(secret)})
    again = Client()
    sign_in(again, ada)

    response = again.post(STEP, {"code": code_of_app(secret, steps=steps)})

    assert response.status_code == 422
    assert not is_signed_in(again)


def test_code_two_steps_away_is_refused(at_the_step, secret):
    assert at_the_step.post(STEP, {"code": code_of_app(secret, steps=2)}).status_code == 422
    assert at_the_step.post(STEP, {"code": code_of_app(secret, steps=-2)}).status_code == 422


def test_recovery_code_works_once(at_the_step, ada):
    code, *left = recovery_codes_of(ada)
    assert at_the_step.post(STEP, {"code": code})["Location"] == "/event-types/"
    again = Client()
    sign_in(again, ada)

    response = again.post(STEP, {"code": code})

    assert response.status_code == 422
    assert recovery_codes_of(ada) == left


def test_recovery_code_of_another_account_is_refused(at_the_step, grace):
    other = Client()
    sign_in(other, grace)
    set_up_app(other)

    response = at_the_step.post(STEP, {"code": recovery_codes_of(grace)[0]})

    assert response.status_code == 422
    assert len(recovery_codes_of(grace)) == 10


def test_second_step_cannot_be_reached_without_the_password(client, secret):
    response = Client().post(STEP, {"code": code_of_app(secret)})

    assert (response.status_code, response["Location"]) == (302, LOGIN)


def test_codes_are_shown_and_downloaded_and_looking_changes_nothing(client, secret, ada):
    before = list(Authenticator.objects.values())

    page, file = client.get(CODES), client.get(DOWNLOAD)

    codes = recovery_codes_of(ada)
    assert [each.text for each in read(page).by_id("codes").all("li")] == codes
    assert file.text.split("\r\n") == [
        "Caledee recovery codes for ada@example.com. Each code works once.",
        "",
        *codes,
        "",
    ]
    assert file["Content-Disposition"] == 'attachment; filename="caledee-recovery-codes.txt"'
    assert "no-store" in page["Cache-Control"]
    assert "no-store" in file["Cache-Control"]
    assert list(Authenticator.objects.values()) == before


def test_new_codes_replace_the_old_ones(client, secret, ada):
    old = recovery_codes_of(ada)

    response = client.post(NEW_CODES)

    assert response["Location"] == CODES
    assert set(old).isdisjoint(recovery_codes_of(ada))


def test_person_without_a_second_step_has_no_codes(client, ada):
    sign_in(client, ada)
    say_who_one_is(client)

    assert client.get(CODES).status_code == 404
    assert client.get(DOWNLOAD).status_code == 404
    assert client.post(NEW_CODES).status_code == 422
    assert client.get(REMOVE).status_code == 404
    assert client.post(REMOVE).status_code == 404


def test_removing_the_app_takes_its_codes_along(client, secret, ada, mailoutbox):
    response = client.post(REMOVE)
    work_off_emails()

    assert (response.status_code, response["Location"]) == (302, SECURITY)
    assert kinds_of(ada) == []
    assert [message.subject for message in mailoutbox] == ["The authenticator app was removed"]
    assert sign_in(Client(), ada)["Location"] == "/event-types/"


def test_password_alone_does_not_reauthenticate_with_a_second_step(client, secret, ada):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    elsewhere.post(STEP, {"code": code_of_app(secret)})

    response = elsewhere.post(reverse("account_reauthenticate"), {"password": "caledee-demo", "next": REMOVE})

    assert response["Location"].startswith(reverse("mfa_reauthenticate"))
    assert elsewhere.post(REMOVE).status_code == 302
    assert kinds_of(ada) == ["recovery_codes", "totp"]


def test_removing_the_app_ends_the_other_sessions(client, secret, ada):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    elsewhere.post(STEP, {"code": code_of_app(secret)})
    assert is_signed_in(elsewhere)

    client.post(REMOVE)

    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)


@pytest.mark.parametrize("name", ["account_change_password", "account_pages:delete"])
def test_what_asks_for_the_password_asks_for_the_second_step_too(client, secret, ada, name):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    elsewhere.post(STEP, {"code": recovery_codes_of(ada)[0]})
    address = reverse(name)
    typed = {"oldpassword": "caledee-demo", "password1": "compute-a-number-4", "password": "caledee-demo"}

    assert elsewhere.get(address)["Location"] == f"{WHO}?{urlencode({'next': address})}"
    refused = elsewhere.post(address, typed)
    ada.refresh_from_db()
    assert (refused["Location"], ada.is_active, ada.check_password("caledee-demo")) == (address, True, True)
    assert "account_reauthentication_state" not in elsewhere.session

    elsewhere.post(WHO, {"code": code_of_app(secret), "next": address})
    assert elsewhere.get(address).status_code == 200
    done = elsewhere.post(address, typed)
    ada.refresh_from_db()
    assert (done.status_code, ada.is_active and ada.check_password("caledee-demo")) == (302, False)


def test_account_without_a_password_shows_the_second_step_before_it_sets_one(client, secret, ada):
    ada.set_unusable_password()
    ada.save()
    thief = Client()
    thief.force_login(ada)

    thief.post(reverse("account_set_password"), {"password1": "compute-a-number-4"})

    ada.refresh_from_db()
    assert not ada.has_usable_password()


def test_code_of_the_app_reauthenticates_too(client, secret, ada):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    elsewhere.post(STEP, {"code": recovery_codes_of(ada)[0]})
    address = reverse("mfa_reauthenticate")
    assert elsewhere.post(address, {"code": "000000", "next": CODES}).status_code == 422

    response = elsewhere.post(address, {"code": code_of_app(secret), "next": CODES})

    assert (response.status_code, response["Location"]) == (302, CODES)
    assert elsewhere.get(CODES).status_code == 200


def test_staff_do_not_see_secrets(client, ada, secret):
    ada.is_staff = ada.is_superuser = True
    ada.save()
    app = Authenticator.objects.get(user=ada, type=Authenticator.Type.TOTP)

    page = client.get(reverse("admin:mfa_authenticator_change", args=[app.pk]))

    assert page.status_code == 200
    assert app.data["secret"] not in page.text
