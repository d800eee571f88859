"""What every kind of calendar server can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from caledee.timekeeping.periods import Period
from scheduling.calendars.reading import Owner, Reading


@dataclass(frozen=True, slots=True)
class Account:
    """Where and how to sign in. A calendar address (ICS) has neither user name nor password.

    All of it can be secret, so `repr` shows nothing.
    """

    address: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar of an account. `remote` identifies it there. `is_own` if it isn't subscribed, shared or holidays."""

    remote: str
    name: str
    can_write: bool = False
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class NewReading:
    """A whole reading, and the state of the calendar it was made at (an ETag, a hash, a sync token)."""

    reading: Reading
    state: str


class Provider(Protocol):
    """One kind of server. Every method raises ReadingFailed, and ends within `patience` of its start."""

    def find(self, account: Account, *, patience: timedelta) -> Sequence[FoundCalendar]:
        """List the account's calendars that can have entries with times."""

    def read(
        self, account: Account, remote: str, window: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> NewReading | None:
        """Read the whole window, or return None if the calendar is still at `state`. An empty state always reads."""

    def check(
        self, account: Account, remote: str, period: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> Reading:
        """Read `period` alone, as quickly as the server allows, before something is booked there.

        `period` was read at `state` already, unless that is empty. A calendar that is still at it has nothing new.
        """
