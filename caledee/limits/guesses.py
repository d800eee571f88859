"""Limit guesses of an account's secrets without locking out the owner.

Wrong guesses are counted by account and network, so one person's failures do not block anyone else. A wider count per
account limits guesses from many networks. Both apply to unknown browsers only: a browser in which the owner has signed
in before has its own count with short waits, and becomes unknown only after many failures. Every attempt is counted
before it is checked, and uncounted if it was right.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from caledee.limits.counting import Counted, Limit, give_back, seconds_to_wait

ONE_MINUTE = timedelta(minutes=1)
FIVE_MINUTES = timedelta(minutes=5)
TEN_MINUTES = timedelta(minutes=10)
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of secret and its limits. No single network can use up `by_account` within its window."""

    by_pair: Limit
    by_pair_in_an_hour: Limit
    by_account: Limit
    by_known_browser: Limit
    by_known_browser_in_an_hour: Limit


PASSWORD = Secret(
    by_pair=Limit("passwords_by_pair", 5, FIVE_MINUTES),
    by_pair_in_an_hour=Limit("passwords_by_pair_in_an_hour", 20, ONE_HOUR),
    by_account=Limit("passwords_by_account", 100, ONE_HOUR),
    by_known_browser=Limit("passwords_by_known_browser", 5, ONE_MINUTE),
    by_known_browser_in_an_hour=Limit("passwords_by_known_browser_in_an_hour", 30, ONE_HOUR),
)
# The attacker already knows the password, and a code has only six digits.
CODE = Secret(
    by_pair=Limit("codes_by_pair", 5, FIVE_MINUTES),
    by_pair_in_an_hour=Limit("codes_by_pair_in_an_hour", 10, ONE_HOUR),
    by_account=Limit("codes_by_account", 30, ONE_HOUR),
    by_known_browser=Limit("codes_by_known_browser", 5, ONE_MINUTE),
    by_known_browser_in_an_hour=Limit("codes_by_known_browser_in_an_hour", 30, ONE_HOUR),
)
# A network that fails this often across accounts has one guess left per account. This slows down trying one password
# on many accounts, and still lets in people who have not failed.
PASSWORDS_BY_NETWORK = Limit("passwords_by_network", 100, TEN_MINUTES)
PASSWORDS_BY_PAIR_WHEN_BUSY = Limit("passwords_by_pair_when_busy", 1, TEN_MINUTES)
# Confirming the password of a session affects only that session.
PROOFS_IN_A_SESSION = Limit("proofs_in_a_session", 5, FIVE_MINUTES)


@dataclass(frozen=True, slots=True)
class Guess:
    """A counted guess. Check it only if `wait` is 0."""

    wait: int
    counted: tuple[Counted, ...]

    def was_right(self, *, now: datetime) -> None:
        give_back(*self.counted, now=now)


def guess_password(account: str, *, network: str, known_browser: str | None, now: datetime) -> Guess:
    """Count a guess. `account` is the address, with or without an account, so both get the same response."""
    known = _of_known_browser(PASSWORD, account, known_browser, now)
    if known is not None:
        return known
    guess = _count(_by_pair(PASSWORD, account, network), now)
    if guess.wait:
        return guess
    everywhere = Counted(PASSWORDS_BY_NETWORK, (network,))
    busy = seconds_to_wait(everywhere, now=now) > 0
    more = [Counted(PASSWORDS_BY_PAIR_WHEN_BUSY, (account, network))] if busy else []
    rest = _count([*more, Counted(PASSWORD.by_account, (account,))], now)
    return Guess(rest.wait, (*guess.counted, everywhere, *rest.counted))


def guess_code(account: str, *, network: str, known_browser: str | None, now: datetime) -> Guess:
    known = _of_known_browser(CODE, account, known_browser, now)
    if known is not None:
        return known
    return _count([*_by_pair(CODE, account, network), Counted(CODE.by_account, (account,))], now)


def guess_in_session(account: str, *, session: str, now: datetime) -> Guess:
    return _count([Counted(PROOFS_IN_A_SESSION, (account, session))], now)


def _of_known_browser(secret: Secret, account: str, browser: str | None, now: datetime) -> Guess | None:
    """Count a guess of a known browser, or return None if it is unknown or has failed too often."""
    if browser is None:
        return None
    guess = _count([Counted(secret.by_known_browser, (account, browser))], now)
    if guess.wait:
        return guess
    in_an_hour = _count([Counted(secret.by_known_browser_in_an_hour, (account, browser))], now)
    return None if in_an_hour.wait else Guess(0, guess.counted + in_an_hour.counted)


def _by_pair(secret: Secret, account: str, network: str) -> list[Counted]:
    return [Counted(limit, (account, network)) for limit in (secret.by_pair, secret.by_pair_in_an_hour)]


def _count(counted: list[Counted], now: datetime) -> Guess:
    return Guess(seconds_to_wait(*counted, now=now), tuple(counted))
