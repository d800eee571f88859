"""The one reader of what takes people's time, for every page that offers times and every check before a booking.

Each entry of `SOURCES` selects the same columns, and all of them are read in one query. The first is the ledger. Times
from elsewhere never become rows of the ledger: they may overlap bookings and each other, which its constraint forbids.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Model, QuerySet, Value

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability.overlaps import find_overlaps, hull
from scheduling.models import ZERO, BusyKind, BusyTime

LEDGER = "ledger"
ORDER = ("start", "end", "claim", "organizer_id")

type Row = tuple[UUID, datetime, datetime, str, str, UUID | None, timedelta, timedelta]
# Takes the people, the window, the present moment, and the claim to leave out.
type Source = Callable[[Collection[User], Period, datetime, UUID | None], QuerySet[Model, Row]]


class TakenKind(StrEnum):
    BOOKING = BusyKind.BOOKING.value
    HOLD = BusyKind.HOLD.value


@dataclass(frozen=True, slots=True)
class Taken:
    """A period in which a person is not free, and the distance from other meetings that it requires.

    `person` is the user's id. `source` says where it was read. `claim` is the id of the booking or the one-off meeting
    behind it; a time from outside Caledee has none.
    """

    person: UUID
    period: Period
    kind: TakenKind
    source: str
    claim: UUID | None
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO


def read_taken(
    people: Collection[User], window: Period, *, now: datetime, except_claim: UUID | None = None
) -> list[Taken]:
    """Return what takes the time of `people` in `window`, as of `now`, in order of start. One query.

    Expired holds do not count, and neither does anything of `except_claim`. Locks nothing: before a write, the caller
    locks the people.
    """
    first, *others = [source(people, window, now, except_claim) for source in SOURCES]
    return _taken(first.union(*others, all=True) if others else first)


def conflicts_with(
    people: Collection[User], periods: Collection[Period], *, now: datetime, except_claim: UUID | None = None
) -> dict[Period, list[Taken]]:
    """Map each of `periods` that is taken to what takes it. At most one query, for any number of periods."""
    if not periods:
        return {}
    return find_overlaps(periods, read_taken(people, hull(periods), now=now, except_claim=except_claim))


def read_holds(person: User, *, now: datetime) -> list[Taken]:
    """Return all times held for this person, in order of start. They are in the ledger alone. One query."""
    return _taken(_columns(BusyTime.objects.filter(organizer=person, kind=BusyKind.HOLD, lapses_at__gt=now)))


def ledger_rows(
    people: Collection[User], window: Period, now: datetime, except_claim: UUID | None
) -> QuerySet[Model, Row]:
    rows = BusyTime.objects.overlapping(people, window).counting(now)
    return _columns(rows if except_claim is None else rows.exclude(claim=except_claim))


SOURCES: Sequence[Source] = (ledger_rows,)
KINDS = {kind.value: kind for kind in TakenKind}


def _columns(rows: QuerySet[BusyTime]) -> QuerySet[Model, Row]:
    return rows.values_list(
        "organizer_id", "start", "end", "kind", Value(LEDGER), "claim", "before_buffer", "after_buffer"
    )


def _taken(rows: QuerySet[Model, Row]) -> list[Taken]:
    # Plain values: making a model instance of each row takes longer than finding the slots between them.
    return [
        Taken(person, Period(start, end), KINDS[kind], source, claim, before_buffer, after_buffer)
        for person, start, end, kind, source, claim, before_buffer, after_buffer in rows.order_by(*ORDER)
    ]
