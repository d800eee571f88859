"""What reading an outside calendar returns: when its owner is busy, or why it couldn't be read. No Django.

Nothing here has a title, a place or a guest: they are dropped where text becomes periods.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period


class NoteKind(StrEnum):
    """What was unclear about an entry, and how it was read."""

    UNKNOWN_ZONE = "unknown_zone"  # read in the zone of the calendar or its owner
    ENDS_BEFORE_START = "ends_before_start"  # start and end are swapped, if they are at most a day apart
    UNFOLLOWED_RULE = "unfollowed_rule"  # repeats in a way that Caledee doesn't follow: not busy
    BROKEN_ENTRY = "broken_entry"  # not busy


@dataclass(frozen=True, slots=True, order=True)
class OutsideTime:
    period: Period
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry with the UID of one of Caledee's own bookings."""

    uid: str
    period: Period


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar is read. `addresses` are their email addresses in lower case, `uids` those of their bookings."""

    zone: ZoneInfo
    addresses: frozenset[str] = frozenset()
    uids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a calendar says about a window, in UTC and clipped to it.

    `busy` is in order, and merged, times of equal tentativeness with each other. Entries with one of the owner's UIDs
    are in `own` instead. `notes` counts entries by what was unclear. `name` and `refresh_interval` are what the
    calendar itself says (X-WR-CALNAME or NAME; REFRESH-INTERVAL or X-PUBLISHED-TTL).
    """

    busy: tuple[OutsideTime, ...]
    own: tuple[OwnEntry, ...] = ()
    notes: Mapping[NoteKind, int] = field(default_factory=dict)
    name: str = ""
    refresh_interval: timedelta | None = None


class Failure(StrEnum):
    """Why a calendar couldn't be read."""

    UNREACHABLE = "unreachable"  # no answer, too slow, or an error of the server
    UNAUTHORIZED = "unauthorized"  # user name, password or token is refused
    LIMITED = "limited"  # too many requests
    FORBIDDEN = "forbidden"  # signed in, but this calendar isn't allowed
    GONE = "gone"
    NOT_A_CALENDAR = "not_a_calendar"  # a page, cut off, or too large
    NOT_ALLOWED = "not_allowed"  # an address that Caledee doesn't fetch from
    CERTIFICATE = "certificate"
    KEY_MISSING = "key_missing"  # the stored credentials can't be decrypted


class ReadingFailed(Exception):
    """The calendar couldn't be read. `retry_after` is how long its server asks to wait."""

    def __init__(self, failure: Failure, retry_after: timedelta | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.retry_after = retry_after
