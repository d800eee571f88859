"""The code that confirms an email address. Pages don't reveal which addresses have an account."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.models import User
from tests.caledee.accounts.steps import (
    KATHERINE,
    LOGIN,
    SIGNUP,
    VERIFY,
    code_emailed_to,
    errors_of,
    is_signed_in,
    messages_of,
    sign_in,
    work_off_emails,
)
from tests.support.pages import read

EMAIL = KATHERINE["email"]


@pytest.fixture
def signed_up(client, db):
    client.post(SIGNUP, KATHERINE)
    return client


def test_code_from_the_email_signs_in(signed_up, mailoutbox):
    code = code_emailed_to(EMAIL, mailoutbox)

    response = signed_up.post(VERIFY, {"code": code})

    assert (response.status_code, response["Location"]) == (302, "/start/")
    assert is_signed_in(signed_up)
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (EMAIL, True, True)


def test_code_may_be_typed_in_small_letters_and_without_its_hyphen(signed_up, mailoutbox):
    code = code_emailed_to(EMAIL, mailoutbox)

    response = signed_up.post(VERIFY, {"code": f" {code.lower().replace('-', '')} "})

    assert response["Location"] == "/start/"


@pytest.mark.parametrize("code", ["BBBB-BBBB", "", "\x00", "ÄÖÜ", "x" * 10_000, "a\r\nb"])
def test_wrong_code_answers_422_and_confirms_nothing(signed_up, code):
    response = signed_up.post(VERIFY, {"code": code})

    assert response.status_code == 422
    assert list(errors_of(response)) == ["code"]
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_third_wrong_code_ends_the_code(signed_up, mailoutbox):
    code = code_emailed_to(EMAIL, mailoutbox)
    statuses = [signed_up.post(VERIFY, {"code": "BBBB-BBBB"}).status_code for _ in range(3)]

    response = signed_up.post(VERIFY, {"code": code}, follow=True)

    assert statuses == [422, 422, 302]
    assert response.redirect_chain[0] == (LOGIN, 302)
    assert not is_signed_in(signed_up)


def test_expired_code_is_refused_and_signing_in_brings_a_new_one(signed_up, mailoutbox):
    old = code_emailed_to(EMAIL, mailoutbox)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        response = signed_up.post(VERIFY, {"code": old}, follow=True)
        assert messages_of(response)[0].startswith("This code has expired or was already used.")
        assert not is_signed_in(signed_up)

        signed_up.post(LOGIN, {"login": EMAIL, "password": KATHERINE["password1"]})
        new = code_emailed_to(EMAIL, mailoutbox)

        assert signed_up.post(VERIFY, {"code": new})["Location"] == "/start/"
    assert new != old


def test_code_of_another_account_is_refused(signed_up, mailoutbox):
    other = Client()
    other.post(SIGNUP, {**KATHERINE, "email": "dorothy@example.com"})
    foreign = code_emailed_to("dorothy@example.com", mailoutbox)

    response = signed_up.post(VERIFY, {"code": foreign})

    assert response.status_code == 422
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_new_code_replaces_the_one_before(signed_up, mailoutbox):
    first = code_emailed_to(EMAIL, mailoutbox)

    response = signed_up.post(VERIFY, {"action": "resend"})
    second = code_emailed_to(EMAIL, mailoutbox)

    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert signed_up.post(VERIFY, {"code": first}).status_code == 422
    assert signed_up.post(VERIFY, {"code": second})["Location"] == "/start/"


def test_mistyped_address_leads_back_to_the_filled_form_and_leaves_no_account(signed_up):
    response = signed_up.post(reverse("account_start_again"), follow=True)

    fields = {name: response.context["form"][name].value() for name in ["name", "email", "time_zone"]}
    assert fields == {name: KATHERINE[name] for name in fields}
    assert not User.objects.exists()


def test_starting_again_deletes_nobody_who_is_confirmed(signed_up, mailoutbox, ada):
    elsewhere = Client()
    elsewhere.post(LOGIN, {"login": EMAIL, "password": KATHERINE["password1"]})
    elsewhere.post(VERIFY, {"code": code_emailed_to(EMAIL, mailoutbox)})

    signed_up.post(reverse("account_start_again"))
    Client().post(reverse("account_start_again"))

    assert sorted(User.objects.values_list("email", flat=True)) == ["ada@example.com", EMAIL]


def test_sign_in_that_asks_for_a_code_can_be_left_for_another(client, db, ada):
    User.objects.create_user("new@example.com", "x-root-x-9", name="N", handle="nnn", time_zone="UTC")
    client.post(LOGIN, {"login": "new@example.com", "password": "x-root-x-9"})

    client.post(reverse("account_logout"), {"next": LOGIN})

    assert sign_in(client, ada)["Location"] == "/event-types/"


def story_of_signing_up(email: str) -> list[tuple[int, str, str]]:
    """Return everything that a stranger sees after signing up without a code, with names and secrets removed."""
    client, seen = Client(), []

    def see(response):
        text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", response.text).replace(email, "ADDRESS")
        seen.append((response.status_code, response.headers.get("Location", ""), text))

    see(client.post(SIGNUP, {**KATHERINE, "email": email}))
    see(client.get(VERIFY))
    see(client.post(VERIFY, {"action": "resend"}))
    see(client.post(VERIFY, {"action": "change", "email": "else@example.com"}))
    see(client.get(LOGIN))
    see(client.get(SIGNUP))
    see(client.post(reverse("account_start_again"), follow=True))
    see(client.post(SIGNUP, {**KATHERINE, "email": email}))
    for _ in range(3):
        see(client.post(VERIFY, {"code": "BBBB-BBBB"}))
    see(client.get(LOGIN))
    return seen


def test_signing_up_looks_the_same_whether_the_address_has_an_account(ada, mailoutbox):
    assert story_of_signing_up("ada@example.com") == story_of_signing_up("none@example.com")

    work_off_emails()
    told = [(message.to[0], message.subject) for message in mailoutbox if "none@example.com" not in message.to]
    assert told == [("ada@example.com", "You already have a Caledee account")] * 2


def test_owner_of_a_taken_address_is_told_what_to_do(client, ada, mailoutbox):
    client.post(SIGNUP, {**KATHERINE, "email": "ada@example.com"})
    work_off_emails()

    (message,) = mailoutbox
    assert "Someone tried to sign up with this email address, which already has an account." in message.body
    assert "http://caledee.test/accounts/login/" in message.body
    assert "Katherine" not in message.body


def test_page_says_where_the_email_went(signed_up):
    page = read(signed_up.get(VERIFY))

    assert page.one("h1").text == "Confirm your email address"
    assert EMAIL in page.one("main").text
