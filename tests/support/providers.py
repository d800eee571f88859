"""A provider of calendars that answers what a test tells it to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

from caledee.timekeeping.periods import Period
from scheduling.calendars.providers.protocol import Account, FoundCalendar, NewReading
from scheduling.calendars.reading import Failure, OutsideTime, OwnEntry, Owner, Reading, ReadingFailed

type Answer = NewReading | Exception | None


@dataclass(frozen=True)
class Asked:
    account: Account
    remote: str
    window: Period
    owner: Owner
    state: str
    patience: timedelta


@dataclass
class ScriptedProvider:
    """Implements `Provider`. Gives its answers one after another, and the last one again and again.

    `meanwhile` is called while a reading is on its way.
    """

    answers: list[Answer] = field(default_factory=list)
    found: Sequence[FoundCalendar] | Exception = ()
    asked: list[Asked] = field(default_factory=list)
    on_check: Reading | Exception = field(default_factory=lambda: Reading(busy=()))
    checked: list[Asked] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def find(self, account: Account, *, patience: timedelta) -> Sequence[FoundCalendar]:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def read(
        self, account: Account, remote: str, window: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> NewReading | None:
        self.asked.append(Asked(account, remote, window, owner, state, patience))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.meanwhile()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(
        self, account: Account, remote: str, period: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> Reading:
        self.checked.append(Asked(account, remote, period, owner, state, patience))
        self.meanwhile()
        if isinstance(self.on_check, Exception):
            raise self.on_check
        return self.on_check


def reading(
    *periods: Period, tentative: Sequence[Period] = (), own: Sequence[OwnEntry] = (), state: str = "1", **facts: object
) -> NewReading:
    busy = [*map(OutsideTime, periods), *(OutsideTime(period, is_tentative=True) for period in tentative)]
    return NewReading(Reading(busy=tuple(sorted(busy)), own=tuple(own), **facts), state)


def failed(failure: Failure, retry_after: timedelta | None = None) -> ReadingFailed:
    return ReadingFailed(failure, retry_after)


class HangingProvider:
    """Implements `Provider`. Servers whose name begins with `hangs` never answer, all others do at once."""

    def find(self, account: Account, *, patience: timedelta) -> Sequence[FoundCalendar]:
        raise NotImplementedError

    def read(
        self, account: Account, remote: str, window: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> NewReading | None:
        if account.address.startswith("https://hangs"):
            Event().wait()
        return reading()

    def check(
        self, account: Account, remote: str, period: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> Reading:
        raise NotImplementedError
