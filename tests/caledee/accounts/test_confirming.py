"""Accounts that are confirmed without an email: by createsuperuser, the command and the admin site."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from caledee.accounts.models import PendingEmail, User
from tests.caledee.accounts.steps import LOGIN, is_signed_in
from tests.caledee.accounts.test_admin import admin_browser, new_person
from tests.factories import make_person

__all__ = ["admin_browser"]
PASSWORD = "a long and unusual sentence"
pytestmark = pytest.mark.django_db


def signs_in(email, password=PASSWORD):
    client = Client()
    client.post(LOGIN, {"login": email, "password": password})
    return is_signed_in(client)


def create_superuser(monkeypatch, **options):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    typed = {"email": "Root@Example.com", "name": "Root", "handle": "the-root", "time_zone": "Europe/Berlin"}
    call_command("createsuperuser", interactive=False, verbosity=0, **typed | options)


def test_superuser_can_be_used_at_once_without_an_email(monkeypatch):
    create_superuser(monkeypatch)

    root = User.objects.get()
    assert (root.email, root.name, root.handle, root.time_zone) == (
        "root@example.com",
        "Root",
        "the-root",
        "Europe/Berlin",
    )
    assert (root.is_staff, root.is_superuser) == (True, True)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("root@example.com", True, True)]
    assert signs_in("root@example.com")
    assert not PendingEmail.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"email": "ADA@example.com"}, "An account with this email address already exists."),
        ({"handle": "ada"}, "This address is already taken. Choose another."),
        ({"handle": "analytical-engines"}, "This address is already taken. Choose another."),
        ({"handle": "Not A Handle"}, "Use 3 to 40 characters: letters a to z, digits and hyphens."),
        ({"time_zone": "Nowhere"}, "Choose a time zone from the list, such as Europe/London."),
        ({"name": ""}, "You must use --name with --noinput."),
    ],
)
def test_superuser_that_cannot_be_is_refused_in_one_sentence(monkeypatch, ada, options, message):
    with pytest.raises(CommandError) as refused:
        create_superuser(monkeypatch, **options)

    assert message in str(refused.value)
    assert User.objects.count() == 1


def test_command_confirms_addresses_without_an_email():
    people = [make_person("katherine", verified=False), User.objects.create_user("dorothy@example.com", handle="ddd")]
    EmailAddress.objects.create(user=people[1], email="old@example.com", verified=True, primary=True)
    said = StringIO()

    for _ in range(2):
        call_command("confirm", "Katherine@Example.com", "dorothy@example.com", stdout=said)

    assert said.getvalue().splitlines() == [
        "katherine@example.com is confirmed.",
        "dorothy@example.com is confirmed.",
        "katherine@example.com was already confirmed.",
        "dorothy@example.com was already confirmed.",
    ]
    assert set(EmailAddress.objects.values_list("email", "verified", "primary")) == {
        ("katherine@example.com", True, True),
        ("dorothy@example.com", True, True),
    }
    assert signs_in("katherine@example.com", "caledee-demo")
    assert not PendingEmail.objects.exists()


def test_command_names_an_address_without_an_account_and_changes_nothing():
    make_person("katherine", verified=False)

    with pytest.raises(
        CommandError, match=r"No account has the email address “nobody@example.com”\. Nothing was changed\."
    ):
        call_command("confirm", "katherine@example.com", "nobody@example.com")

    assert not EmailAddress.objects.filter(verified=True).exists()


def test_account_that_the_admin_makes_can_be_used_at_once(admin_browser):
    response = admin_browser.post("/admin/accounts/user/add/", new_person("emmy"))

    assert response.status_code == 302
    assert signs_in("emmy@example.com")
    assert not PendingEmail.objects.exists()


def test_admin_confirms_the_addresses_of_whom_they_choose(admin_browser, ada):
    chosen = [make_person("katherine", verified=False), make_person("dorothy")]
    other = make_person("mary", verified=False)

    response = admin_browser.post(
        "/admin/accounts/user/",
        {"action": "confirm_addresses", "_selected_action": [str(person.pk) for person in chosen]},
        follow=True,
    )

    assert "Confirmed addresses: 1." in response.text
    assert set(EmailAddress.objects.filter(verified=False).values_list("user", flat=True)) == {other.pk}
