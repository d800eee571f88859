"""Guessing a password or a code is limited, and the guesses of one person lock out no one else."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import PendingEmail
from caledee.accounts.signin.known_browsers import COOKIE
from caledee.limits.guesses import CODE, PASSWORDS_BY_NETWORK
from caledee.limits.guesses import PASSWORD as GUESSED_PASSWORD
from caledee.limits.mailboxes import MOST_AN_HOUR
from caledee.limits.models import Tally
from tests.caledee.accounts.signin.soft_key import SoftKey
from tests.caledee.accounts.signin.test_passkeys import LOGIN as PASSKEY
from tests.caledee.accounts.signin.test_passkeys import add, options_on
from tests.caledee.accounts.steps import (
    LOGIN,
    code_emailed_to,
    code_of_app,
    errors_of,
    is_signed_in,
    recovery_codes_of,
    set_up_app,
    sign_in,
    work_off_emails,
)
from tests.factories import PASSWORD
from tests.support.pages import read
from tests.support.times import NOW

STEP = reverse("mfa_authenticate")
REFUSED = "Too many attempts. Try again in 5 minutes, sign in with a passkey, or reset your password."


@pytest.fixture(autouse=True)
def limits(settings):
    settings.RATE_LIMITS = True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def at(network):
    return Client(REMOTE_ADDR=network)


def guess(browser, email="ada@example.com", *, times=1, password="wrong"):
    return [browser.post(LOGIN, {"login": email, "password": password}).status_code for _ in range(times)]


@pytest.fixture
def ada_at_home(ada):
    """A browser in which Ada has signed in before; then she signed out."""
    browser = at("192.0.2.1")
    assert sign_in(browser, ada).status_code == 302
    browser.post(reverse("account_logout"))
    return browser


def test_five_wrong_passwords_close_the_account_to_that_network_alone(ada):
    thief = at("203.0.113.9")

    assert guess(thief, times=5) == [422] * 5
    response = thief.post(LOGIN, {"login": "ADA@example.com ", "password": PASSWORD})

    assert (response.status_code, response["Retry-After"]) == (429, "300")
    assert list(response.context["form"].non_field_errors()) == [REFUSED]
    assert read(response).by_id("id_login")["value"] == "ADA@example.com "
    assert PASSWORD not in response.text
    assert sign_in(at("192.0.2.1"), ada).status_code == 302


def test_attempts_are_allowed_again_after_the_announced_seconds(ada, limits):
    thief = at("203.0.113.9")
    guess(thief, times=6)

    limits.shift(timedelta(seconds=299))
    assert guess(thief, password=PASSWORD) == [429]
    limits.shift(timedelta(seconds=1))
    assert guess(thief, password=PASSWORD) == [302]


def test_many_wrong_passwords_of_a_network_shut_out_nobody_who_never_failed_there(ada, grace):
    thief = at("203.0.113.9")

    for number in range(PASSWORDS_BY_NETWORK.most + 20):
        assert guess(thief, f"nobody{number}@example.com") == [422]

    assert sign_in(at("203.0.113.9"), ada).status_code == 302
    # But from now on one wrong guess for each account is all there is room for.
    assert guess(thief, "grace@example.com", times=2) == [422, 429]
    assert sign_in(at("192.0.2.1"), grace).status_code == 302


def test_known_browser_is_let_in_despite_guesses_from_its_network(ada, ada_at_home):
    """All share one address, as behind a proxy that is missing from the settings."""
    guess(at("192.0.2.1"), times=30)

    assert guess(at("192.0.2.1"), password=PASSWORD) == [429]
    assert guess(ada_at_home, password=PASSWORD) == [302]


def test_guess_from_everywhere_is_limited_too_but_for_the_owners_browser(ada, ada_at_home):
    networks = [at(f"203.0.113.{number}") for number in range(GUESSED_PASSWORD.by_account.most // 5 + 1)]

    judged = [guess(network, times=5) for network in networks]

    assert judged == [[422] * 5] * (len(networks) - 1) + [[429] * 5]
    assert guess(at("198.51.100.1"), password=PASSWORD) == [429]
    assert guess(ada_at_home, password=PASSWORD) == [302]


def test_no_network_alone_can_use_up_what_all_have_together(ada, limits):
    thief = at("203.0.113.9")
    for _ in range(11):
        guess(thief, times=6)
        limits.shift(timedelta(minutes=5))

    assert sign_in(at("192.0.2.1"), ada).status_code == 302


def test_known_browser_waits_a_minute_at_most_then_is_treated_as_any_other(ada_at_home, limits):
    assert guess(ada_at_home, times=7) == [422] * 5 + [429] * 2
    response = ada_at_home.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    assert (response.status_code, response["Retry-After"]) == (429, "60")

    limits.shift(timedelta(minutes=1))
    assert guess(ada_at_home, password=PASSWORD) == [302]
    ada_at_home.post(reverse("account_logout"))

    for _ in range(5):
        limits.shift(timedelta(minutes=1))
        assert guess(ada_at_home, times=5) == [422] * 5
    limits.shift(timedelta(minutes=1))
    assert guess(ada_at_home, times=6) == [422] * 5 + [429]
    assert ada_at_home.post(LOGIN, {"login": "ada@example.com", "password": "x"})["Retry-After"] != "300"


def test_right_passwords_are_not_counted(ada):
    browser = at("192.0.2.1")
    for _ in range(12):
        assert guess(browser, password=PASSWORD) == [302]
        browser.post(reverse("account_logout"))

    assert set(Tally.objects.values_list("count", flat=True)) == {0}


def test_known_browser_of_one_account_is_unknown_to_another(ada_at_home, grace):
    assert guess(ada_at_home, "grace@example.com", times=6) == [422] * 5 + [429]
    assert guess(at("192.0.2.1"), "grace@example.com", password=PASSWORD) == [429]


@pytest.mark.parametrize(
    "value", ["", "x", "a:b:c", '"abcdefgh\\000ijkl"', "W10:1x0000:" + "A" * 43, "\x00", "é" * 5_000, "9" * 4_000]
)
def test_forged_cookie_makes_no_browser_known(ada, value):
    browser = at("203.0.113.9")
    browser.cookies[COOKIE] = value

    assert guess(browser, times=6) == [422] * 5 + [429]


def test_cookie_signs_nobody_in_and_cannot_be_read_by_scripts_or_other_sites(ada, ada_at_home):
    cookie = ada_at_home.cookies[COOKIE]
    browser = Client()
    browser.cookies[COOKIE] = cookie.value

    assert not is_signed_in(browser)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/accounts/")
    assert "ada" not in cookie.value


def test_known_browser_is_forgotten_after_half_a_year(ada_at_home, limits):
    limits.shift(timedelta(days=181))

    assert guess(ada_at_home, times=6) == [422] * 5 + [429]
    assert guess(ada_at_home, password=PASSWORD) == [429]


def test_passkey_signs_in_despite_reached_limits(ada, limits):
    home = at("192.0.2.1")
    sign_in(home, ada)
    home.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    key = SoftKey()
    add(home, key)
    Tally.objects.all().delete()
    stranger = at("203.0.113.9")
    guess(stranger, times=20)
    for _ in range(310):
        stranger.get(PASSKEY)
    answers = [stranger.post(PASSKEY, {"credential": "{}"}).status_code for _ in range(310)]

    response = stranger.post(PASSKEY, {"credential": json.dumps(key.get(options_on(stranger.get(PASSKEY))))})

    assert set(answers) == {422}
    assert response.status_code == 302
    assert is_signed_in(stranger)


def test_owner_of_the_mailbox_is_let_in_after_a_reset(ada, mailoutbox):
    guess(at("203.0.113.9"), times=5)
    owner = at("203.0.113.9")
    assert guess(owner, password=PASSWORD) == [429]

    owner.post(reverse("account_reset_password"), {"email": "ada@example.com"})
    code = code_emailed_to("ada@example.com", mailoutbox)
    owner.post(reverse("account_confirm_password_reset_code"), {"code": code})
    owner.post(reverse("account_complete_password_reset"), {"password1": "compute-a-number-4"})

    assert guess(owner, password="compute-a-number-4") == [302]
    assert guess(at("203.0.113.9"), password="compute-a-number-4") == [429]


def test_strangers_use_up_no_codes_of_the_owners_browser(ada, ada_at_home):
    reset, typed = reverse("account_reset_password"), {"email": "ada@example.com"}
    strangers = [at(f"203.0.113.{number}").post(reset, typed).status_code for number in range(MOST_AN_HOUR + 1)]

    own = [ada_at_home.post(reset, typed).status_code for _ in range(6)]

    assert strangers == [302] * MOST_AN_HOUR + [429]
    assert own == [302] * 5 + [429]


def test_guessing_in_a_session_shuts_only_that_session_out(ada):
    thief, owner = at("203.0.113.9"), at("203.0.113.9")
    for browser in [thief, owner]:
        sign_in(browser, ada)
    who = reverse("account_reauthenticate")

    refused = [thief.post(who, {"password": "wrong"}) for _ in range(6)]

    assert [each.status_code for each in refused] == [422] * 5 + [429]
    assert errors_of(refused[-1]) == {"password": ["Too many attempts. Try again in 5 minutes."]}
    change = {"oldpassword": PASSWORD, "password1": "compute-a-number-4"}
    assert thief.post(reverse("account_change_password"), change).status_code == 429
    assert owner.post(who, {"password": PASSWORD}).status_code == 302
    assert sign_in(at("203.0.113.9"), ada).status_code == 302


@pytest.fixture
def secret(ada):
    """Return the secret of an app that Ada set up in her browser."""
    browser = at("192.0.2.1")
    sign_in(browser, ada)
    secret = set_up_app(browser)
    PendingEmail.objects.all().delete()
    Tally.objects.all().delete()
    return secret


def at_the_step(person, network, browser=None):
    browser = browser or at(network)
    assert sign_in(browser, person)["Location"] == STEP
    return browser


def test_wrong_codes_of_a_thief_do_not_lock_the_owner_out(ada, secret):
    thief = at_the_step(ada, "203.0.113.9")

    answers = [thief.post(STEP, {"code": "000000"}) for _ in range(7)]

    assert [each.status_code for each in answers] == [422] * 5 + [429] * 2
    assert (answers[-1]["Retry-After"], errors_of(answers[-1])) == (
        "300",
        {"code": ["Too many attempts. Try again in 5 minutes."]},
    )
    owner = at_the_step(ada, "192.0.2.1")
    assert owner.post(STEP, {"code": code_of_app(secret)})["Location"] == "/event-types/"


def test_right_code_is_refused_after_too_many_wrong_ones_from_there(ada, secret):
    thief = at_the_step(ada, "203.0.113.9")
    for _ in range(5):
        thief.post(STEP, {"code": "000000"})

    again = at_the_step(ada, "203.0.113.9")
    assert [each.post(STEP, {"code": code_of_app(secret)}).status_code for each in [thief, again]] == [429, 429]
    assert again.post(STEP, {"code": recovery_codes_of(ada)[0]}).status_code == 429
    assert len(recovery_codes_of(ada)) == 10


def test_codes_guessed_from_everywhere_are_limited_but_for_the_owners_browser(ada, secret):
    home = at_the_step(ada, "192.0.2.1")
    home.post(STEP, {"code": code_of_app(secret)})
    home.post(reverse("account_logout"))
    networks = [at_the_step(ada, f"203.0.113.{number}") for number in range(CODE.by_account.most // 5 + 1)]

    judged = [[browser.post(STEP, {"code": "000000"}).status_code for _ in range(5)] for browser in networks]

    assert judged == [[422] * 5] * (len(networks) - 1) + [[429] * 5]
    at_the_step(ada, "192.0.2.1", home)
    assert home.post(STEP, {"code": code_of_app(secret, steps=1)})["Location"] == "/event-types/"


def test_owner_is_notified_of_wrong_codes_once_an_incident(ada, secret, mailoutbox, limits):
    def guess_codes(network, number):
        thief = at_the_step(ada, network)
        for _ in range(number):
            thief.post(STEP, {"code": "000000"})
        work_off_emails()
        return [(message.to, message.subject) for message in mailoutbox]

    told = (["ada@example.com"], "Wrong codes at sign-in to your Caledee account")
    assert guess_codes("203.0.113.1", 4) == []
    assert guess_codes("203.0.113.2", 1) == [told]
    assert guess_codes("203.0.113.3", 9) == [told]
    assert "203.0.113.2" in mailoutbox[0].body
    limits.shift(timedelta(days=1))
    assert guess_codes("203.0.113.1", 5) == [told, told]


def test_wrong_password_never_warns_of_codes(ada, secret, mailoutbox):
    guess(at("203.0.113.9"), times=10)
    work_off_emails()

    assert mailoutbox == []
