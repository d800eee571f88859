"""Emails to an address that anyone can enter are limited by mailbox, and do not reveal who has an account."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import PendingEmail, User
from caledee.limits.mailboxes import MOST_AN_HOUR, note_email
from caledee.limits.models import MailboxTally
from caledee.settings import COUNTED_ELSEWHERE
from tests.caledee.accounts.steps import KATHERINE, LOGIN, SIGNUP, VERIFY, errors_of, say_who_one_is, sign_in
from tests.support.times import NOW

RESET = reverse("account_reset_password")
EMAIL = reverse("account_email")
FULL = "Caledee has sent this address many emails recently. Your details are still here; try again in 60 minutes."


@pytest.fixture(autouse=True)
def rate_limits(settings, db):
    settings.RATE_LIMITS, settings.ACCOUNT_RATE_LIMITS = True, COUNTED_ELSEWHERE
    with time_machine.travel(NOW, tick=False):
        yield


def fill(email, places=MOST_AN_HOUR):
    for _ in range(places):
        note_email(email, now=NOW)


def sign_up(browser, email=KATHERINE["email"]):
    return browser.post(SIGNUP, KATHERINE | {"email": email})


def test_signing_up_with_a_full_mailbox_makes_no_account_and_keeps_what_was_typed():
    fill("Katherine+x@example.com")
    browser = Client()

    refused = sign_up(browser)

    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert errors_of(refused) == {"__all__": [FULL]}
    assert refused.context["form"]["name"].value() == KATHERINE["name"]
    assert (User.objects.count(), PendingEmail.objects.count()) == (0, 0)
    # Nothing of an account that was not made is left in the browser either.
    assert (browser.get(VERIFY).status_code, browser.get("/").status_code) == (302, 200)
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        assert sign_up(browser)["Location"] == VERIFY


def test_signing_up_with_a_known_address_counts_by_its_mailbox_too(ada):
    answers = [sign_up(Client(), email) for email in ["ada@example.com", "ADA@example.com", "ada+x@example.com"] * 5]

    assert [answer.status_code for answer in answers] == [302] * MOST_AN_HOUR + [429] * 3
    assert PendingEmail.objects.count() == MOST_AN_HOUR


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_how_much_room_is_left_does_not_tell_whether_an_address_has_an_account(ada, email):
    answers = []
    for _ in range(3):
        browser = Client()
        answers += [sign_up(browser, email).status_code, browser.post(VERIFY, {"action": "resend"}).status_code]
        answers += [Client().post(RESET, {"email": email}).status_code for _ in range(2)]

    assert answers == [302] * 12
    refused = Client().post(RESET, {"email": email})
    assert (refused.status_code, errors_of(refused)) == (429, {"__all__": [FULL]})
    assert (sign_up(Client(), email).status_code, len(MailboxTally.objects.get().moments)) == (429, 12)


def test_asking_again_for_a_code_and_signing_in_unconfirmed_are_refused_without_harm():
    browser = Client()
    sign_up(browser)
    fill(KATHERINE["email"])

    again = browser.post(VERIFY, {"action": "resend"})
    late = Client()
    unconfirmed = late.post(LOGIN, {"login": KATHERINE["email"], "password": KATHERINE["password1"]})

    assert [(each.status_code, each["Retry-After"]) for each in (again, unconfirmed)] == [(429, "3600")] * 2
    assert PendingEmail.objects.count() == 1
    assert [page.status_code for page in (browser.get(VERIFY), late.get(VERIFY))] == [200, 302]
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        answer = late.post(LOGIN, {"login": KATHERINE["email"], "password": KATHERINE["password1"]})
    assert (answer["Location"], PendingEmail.objects.count()) == (VERIFY, 2)


def test_strangers_cannot_keep_a_reset_from_the_browser_of_the_account(ada):
    browser = Client()
    sign_in(browser, ada)
    del browser.cookies["sessionid"]
    fill(ada.email)

    answers = [each.post(RESET, {"email": "ada@example.com"}).status_code for each in (browser, Client())]

    assert answers == [302, 429]
    assert PendingEmail.objects.count() == 1


def test_changing_to_a_full_mailbox_is_refused_with_what_was_typed(ada):
    fill("new@example.com")
    browser = Client()
    sign_in(browser, ada)
    say_who_one_is(browser)

    refused = browser.post(EMAIL, {"email": "New+tag@example.com"})

    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert refused.context["form"]["email"].value() == "New+tag@example.com"
    assert errors_of(refused) == {"__all__": [FULL]}


def test_notifications_of_changes_in_an_account_always_reach_its_owner(ada):
    fill("ada@example.com")
    browser = Client()
    sign_in(browser, ada)

    changed = browser.post(
        reverse("account_change_password"), {"oldpassword": "caledee-demo", "password1": "lattices-of-7"}
    )

    assert changed.status_code == 302
    assert list(PendingEmail.objects.values_list("kind", "recipient")) == [
        ("account/email/password_changed", "ada@example.com")
    ]
