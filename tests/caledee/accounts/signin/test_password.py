"""Set a new password, with and without the old one."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.models import User
from caledee.settings import COUNTED_ELSEWHERE
from tests.caledee.accounts.steps import (
    LOGIN,
    SECURITY,
    code_emailed_to,
    errors_of,
    is_signed_in,
    messages_of,
    sign_in,
    work_off_emails,
)
from tests.factories import PASSWORD

RESET = reverse("account_reset_password")
CODE = reverse("account_confirm_password_reset_code")
NEW = reverse("account_complete_password_reset")
CHANGE = reverse("account_change_password")
NEW_PASSWORD = "compute-a-number-4"


def ask_for_code(client, email="ada@example.com"):
    return client.post(RESET, {"email": email})


def test_code_from_the_email_allows_a_new_password(client, ada, mailoutbox):
    ask_for_code(client, "ADA@example.com")
    response = client.post(CODE, {"code": code_emailed_to("ada@example.com", mailoutbox)})
    assert response["Location"] == NEW

    response = client.post(NEW, {"password1": NEW_PASSWORD}, follow=True)

    assert response.redirect_chain == [(LOGIN, 302)]
    assert messages_of(response) == ["Your password has been changed."]
    assert not is_signed_in(client)
    assert sign_in(client, ada, PASSWORD).status_code == 422
    assert sign_in(client, ada, NEW_PASSWORD).status_code == 302
    work_off_emails()
    assert [message.subject for message in mailoutbox] == [
        "Your password reset code",
        "Your Caledee password has changed",
    ]


def test_reset_ends_all_sessions(client, ada, mailoutbox):
    thief = Client()
    sign_in(thief, ada)
    ask_for_code(client)
    client.post(CODE, {"code": code_emailed_to("ada@example.com", mailoutbox)})
    client.post(NEW, {"password1": NEW_PASSWORD})

    assert not is_signed_in(thief)


def test_unknown_address_gets_the_same_answers_and_no_email(ada, mailoutbox):
    stories = []
    for email in ["ada@example.com", "nobody@example.com"]:
        client = Client()
        responses = [ask_for_code(client, email), *[client.post(CODE, {"code": "BBBB-BBBB"}) for _ in range(3)]]
        stories.append([(each.status_code, each.headers.get("Location")) for each in responses])
    work_off_emails()

    assert stories[0] == stories[1] == [(302, CODE), (422, None), (422, None), (302, RESET)]
    assert [message.to for message in mailoutbox] == [["ada@example.com"]]


def test_switched_off_account_gets_no_code(client, ada, mailoutbox):
    ada.is_active = False
    ada.save()

    response = ask_for_code(client)
    work_off_emails()

    assert (response["Location"], mailoutbox) == (CODE, [])


def test_third_wrong_code_ends_the_code(client, ada, mailoutbox):
    ask_for_code(client)
    code = code_emailed_to("ada@example.com", mailoutbox)
    for _ in range(3):
        client.post(CODE, {"code": "BBBB-BBBB"})

    response = client.post(CODE, {"code": code}, follow=True)

    assert response.redirect_chain == [(RESET, 302)]
    assert client.get(NEW)["Location"] == RESET


def test_expired_code_is_refused(client, ada, mailoutbox):
    ask_for_code(client)
    code = code_emailed_to("ada@example.com", mailoutbox)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        response = client.post(CODE, {"code": code}, follow=True)

    assert response.redirect_chain == [(RESET, 302)]
    assert messages_of(response) == ["This code has expired or was already used. Request a new one."]


def test_code_of_another_account_is_refused(client, ada, grace, mailoutbox):
    ask_for_code(client)
    ask_for_code(Client(), "grace@example.com")

    response = client.post(CODE, {"code": code_emailed_to("grace@example.com", mailoutbox)})

    assert response.status_code == 422
    assert client.get(NEW)["Location"] == CODE


def test_password_cannot_be_set_before_the_code(client, ada):
    ask_for_code(client)

    response = client.post(NEW, {"password1": NEW_PASSWORD})

    assert response["Location"] == CODE
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_weak_password_answers_422(client, ada, mailoutbox):
    ask_for_code(client)
    client.post(CODE, {"code": code_emailed_to("ada@example.com", mailoutbox)})

    response = client.post(NEW, {"password1": "password"})

    assert response.status_code == 422
    assert errors_of(response) == {"password1": ["This password is too common."]}


@pytest.mark.parametrize(
    "email", ["", "ada", "a\x00da@example.com", "ada@example.com\r\nBcc: x@example.com", "x" * 9_000]
)
def test_what_is_no_address_answers_422(client, ada, email):
    response = ask_for_code(client, email)

    assert response.status_code == 422
    assert list(errors_of(response)) == ["email"]


def test_changing_it_keeps_this_session_and_ends_the_others(client, ada, mailoutbox):
    elsewhere = Client()
    sign_in(client, ada)
    sign_in(elsewhere, ada)

    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})
    work_off_emails()

    assert (response.status_code, response["Location"]) == (302, SECURITY)
    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["ada@example.com"], "Your Caledee password has changed")
    ]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"oldpassword": "wrong"}, {"oldpassword": ["Incorrect current password."]}),
        ({"oldpassword": "\x00"}, {"oldpassword": ["Null characters are not allowed."]}),
        (
            {"password1": "12345678"},
            {"password1": ["This password is too common.", "This password is entirely numeric."]},
        ),
        ({"password1": "ada@example.com"}, {"password1": ["The password is too similar to the email."]}),
        ({"password1": "\x00" * 9}, {"password1": ["Null characters are not allowed."]}),
    ],
)
def test_password_is_not_changed_by_a_wrong_form(client, ada, typed, errors):
    sign_in(client, ada)

    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD} | typed)

    assert response.status_code == 422
    assert errors_of(response) == errors
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_account_without_a_password_sets_one(client, ada):
    client.force_login(ada)
    ada.set_unusable_password()
    ada.save()
    client.force_login(ada)

    assert client.get(CHANGE)["Location"] == reverse("account_set_password")
    response = client.post(reverse("account_set_password"), {"password1": NEW_PASSWORD})

    assert response["Location"] == SECURITY
    assert is_signed_in(client)
    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)


def test_setting_one_ends_the_other_sessions(client, ada):
    ada.set_unusable_password()
    ada.save()
    elsewhere = Client()
    for browser in [client, elsewhere]:
        browser.force_login(ada)

    client.post(reverse("account_set_password"), {"password1": NEW_PASSWORD})

    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)


def test_code_that_went_to_an_address_given_up_since_opens_nothing(ada, mailoutbox):
    codes = {}
    for stage in ["asked", "confirmed"]:
        codes[stage] = Client()
        ask_for_code(codes[stage])
        code = code_emailed_to("ada@example.com", mailoutbox)
    assert codes["confirmed"].post(CODE, {"code": code})["Location"] == NEW
    User.objects.filter(pk=ada.pk).update(email="countess@example.org")

    answers = [codes["asked"].post(CODE, {"code": code}), codes["confirmed"].post(NEW, {"password1": NEW_PASSWORD})]

    assert [each["Location"] for each in answers] == [RESET, RESET]
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


@pytest.fixture
def rate_limits(settings):
    settings.RATE_LIMITS, settings.ACCOUNT_RATE_LIMITS = True, COUNTED_ELSEWHERE
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def test_too_many_resets_of_one_address_answer_429_whether_it_is_known(ada, rate_limits, mailoutbox):
    answers = {
        email: [ask_for_code(Client(), email).status_code for _ in range(13)]
        for email in ["ada@example.com", "nobody@example.com"]
    }

    assert answers == dict.fromkeys(answers, [302] * 12 + [429])
    assert 3590 <= int(ask_for_code(Client())["Retry-After"]) <= 3600


def test_too_many_guesses_of_the_password_by_a_thief_of_the_session_answer_429(client, ada, rate_limits):
    sign_in(client, ada)

    codes = [client.post(CHANGE, {"oldpassword": "x", "password1": NEW_PASSWORD}).status_code for _ in range(6)]

    assert codes == [422] * 5 + [429]
