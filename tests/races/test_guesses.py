"""Many guesses at once: each is counted before any is judged, which keeps to the limit."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import PendingEmail, User
from caledee.limits.counting import Counted, Limit, count_attempt, give_back
from caledee.limits.models import Tally
from tests.caledee.accounts.steps import (
    KATHERINE,
    LOGIN,
    SIGNUP,
    VERIFY,
    code_emailed_to,
    code_of_app,
    say_who_one_is,
    set_up_app,
    sign_in,
)
from tests.factories import PASSWORD
from tests.races.racing import race
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)

RESET = reverse("account_reset_password")
CODE = reverse("account_confirm_password_reset_code")
STEP = reverse("mfa_authenticate")
WRONG = "BBBB-BBBB"


def as_one_browser(client: Client, number: int) -> list[Client]:
    """Return so many tabs of one browser, which share a session."""
    tabs = [Client() for _ in range(number)]
    for tab in tabs:
        tab.cookies = client.cookies.copy()
    return tabs


def send_at_once(client: Client, address: str, number: int, **typed: str) -> Counter[int]:
    tabs = as_one_browser(client, number)
    return Counter(race([partial(status_of, tab, address, typed) for tab in tabs]).won)


def status_of(tab: Client, address: str, typed: dict[str, str]) -> int:
    return tab.post(address, typed).status_code


def signing_up(_ada: User) -> tuple[Client, str, str]:
    client = Client()
    client.post(SIGNUP, KATHERINE)
    return client, VERIFY, KATHERINE["email"]


def resetting(ada: User) -> tuple[Client, str, str]:
    client = Client()
    client.post(RESET, {"email": ada.email})
    return client, CODE, ada.email


def changing_the_email(ada: User) -> tuple[Client, str, str]:
    client = Client()
    sign_in(client, ada)
    say_who_one_is(client)
    client.post(reverse("account_email"), {"email": "new@example.org"})
    return client, VERIFY, "new@example.org"


@pytest.mark.parametrize("begin", [signing_up, resetting, changing_the_email])
def test_of_32_codes_at_once_three_are_judged_and_the_code_is_spent(ada, mailoutbox, begin):
    """RATE_LIMITS is off, as in all tests."""
    client, address, mailbox = begin(ada)
    code = code_emailed_to(mailbox, mailoutbox)

    statuses = send_at_once(client, address, 32, code=WRONG)

    # Two are told that theirs is wrong; the third, and all that were not judged, that the code is spent.
    assert statuses == {422: 2, 302: 30}
    before = set(User.objects.values_list("email", "password"))
    assert client.post(address, {"code": code}).status_code == 302
    assert set(User.objects.values_list("email", "password")) == before
    assert client.get(reverse("account_complete_password_reset")).status_code == 302


def test_of_32_passwords_at_once_five_are_judged(ada, settings):
    settings.RATE_LIMITS = True
    client = Client()

    statuses = send_at_once(client, LOGIN, 32, login=ada.email, password="wrong")

    assert statuses == {422: 5, 429: 27}
    assert client.post(LOGIN, {"login": ada.email, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("code", ["000000", "12345678"])
def test_of_32_codes_of_the_second_step_five_are_judged_and_the_owner_is_notified_once(ada, settings, code):
    home, thief = Client(), Client(REMOTE_ADDR="203.0.113.9")
    sign_in(home, ada)
    set_up_app(home)
    PendingEmail.objects.all().delete()
    settings.RATE_LIMITS = True
    sign_in(thief, ada)

    statuses = send_at_once(thief, STEP, 32, code=code)

    assert statuses == {422: 5, 429: 27}
    assert list(PendingEmail.objects.values_list("kind", flat=True)) == ["account/email/wrong_codes"]


def test_of_32_proofs_in_one_session_five_are_judged(ada, settings):
    settings.RATE_LIMITS = True
    client = Client()
    sign_in(client, ada)

    statuses = send_at_once(client, reverse("account_reauthenticate"), 32, password="wrong")

    assert statuses == {422: 5, 429: 27}


def test_one_code_of_the_app_lets_one_of_several_in(ada):
    home = Client()
    sign_in(home, ada)
    secret = set_up_app(home)
    browsers = [Client() for _ in range(6)]
    for browser in browsers:
        sign_in(browser, ada)
    code = code_of_app(secret)

    outcome = race([partial(status_of, browser, STEP, {"code": code}) for browser in browsers])

    assert Counter(outcome.won) == {302: 1, 422: 5}


def test_no_attempt_is_lost_where_some_are_given_back(settings):
    settings.RATE_LIMITS = True
    attempts = Counted(Limit("any", 100, timedelta(minutes=1)), ("somebody",))

    def succeed() -> None:
        count_attempt(attempts, now=NOW)
        give_back(attempts, now=NOW)

    race([partial(count_attempt, attempts, now=NOW)] * 12 + [succeed] * 12)

    assert Tally.objects.get().count == 12
