"""The one reader of what takes people's time, for every page that offers times and every check before a booking.

It reads the ledger and the busy times of connected calendars in one query. The latter never become rows of the ledger:
they may overlap bookings and each other, which its constraint forbids.

`read_taken` is for everyone who says what takes the time. `read_blocking` is for slots, which need only periods. Both
know whose calendars can't be relied on at the moment.

The statements are written in SQL: building them from querysets takes Django longer than PostgreSQL needs to answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability.overlaps import find_overlaps, hull
from scheduling.calendars import busy
from scheduling.models import LONGEST_DURATION, ZERO, BusyKind, BusyTime

type TakenRow = tuple[UUID, datetime, datetime, str, str, UUID | None, timedelta, timedelta]
type Parameter = datetime | UUID | list[UUID] | int | str | None
type BlockingRow = tuple[UUID, datetime, datetime, timedelta | None, timedelta | None]

LEDGER = "ledger"

# `BusyTime.objects.overlapping(...).counting(...)` without those of one claim, as FROM and WHERE.
LEDGER_ROWS = """
    FROM scheduling_busytime
    WHERE organizer_id = ANY(%(people)s)
        AND start > %(earliest_row)s AND start < %(end)s AND "end" > %(start)s
        AND (kind = 'booking' OR lapses_at > %(now)s)
        AND claim IS DISTINCT FROM %(except_claim)s
"""
ALL_TAKEN = f"""
    SELECT organizer_id, start, "end", kind, '{LEDGER}' AS source, claim, before_buffer, after_buffer {LEDGER_ROWS}
    UNION ALL
    SELECT busy.person_id, busy.start, busy."end", 'outside', calendar.name, NULL, '0'::interval, '0'::interval
    {busy.ROWS}
    UNION ALL
    SELECT person_id, %(start)s, %(end)s, 'unknown', name, NULL, '0'::interval, '0'::interval {busy.CLOSED_CALENDARS}
"""
TAKEN = f"{ALL_TAKEN} ORDER BY 2, 3, 6, 1"
# Of a busy month, little overlaps a few times that are offered: the rest isn't worth reading.
OVERLAPPING = f"""
    SELECT * FROM ({ALL_TAKEN}) AS taken
    WHERE tstzrange(start, "end") && %(periods)s::tstzmultirange
    ORDER BY 2, 3, 6, 1
"""  # noqa: S608
# PostgreSQL merges the busy times of several calendars much faster than Python reads them. Those between which no
# meeting fits are merged as well.
BLOCKING = f"""
    SELECT organizer_id, start, "end", before_buffer, after_buffer {LEDGER_ROWS}
    UNION ALL
    SELECT person_id, lower(period), upper(period) - make_interval(secs => %(gap)s), NULL, NULL
    FROM (
        SELECT
            busy.person_id,
            unnest(range_agg(tstzrange(busy.start, busy."end" + make_interval(secs => %(gap)s)))) AS period
        {busy.ROWS}
        GROUP BY busy.person_id
    ) AS merged
    UNION ALL
    SELECT person_id, %(start)s, %(end)s, NULL, NULL {busy.CLOSED_CALENDARS}
"""  # noqa: S608


class TakenKind(StrEnum):
    BOOKING = BusyKind.BOOKING.value
    HOLD = BusyKind.HOLD.value
    OUTSIDE = "outside"
    # What is in a counting calendar isn't known, so its person may be busy at any time.
    UNKNOWN = "unknown"


KINDS = {kind.value: kind for kind in TakenKind}


@dataclass(frozen=True, slots=True)
class Taken:
    """A period in which a person is not free, and the distance from other meetings that it requires.

    `person` is the user's id. `source` says where it was read: LEDGER, or the name of a connected calendar, which only
    the person can see. `claim` is the id of the booking or the one-off meeting behind it; a time from outside Caledee
    has none.
    """

    person: UUID
    period: Period
    kind: TakenKind
    source: str
    claim: UUID | None
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO

    @property
    def is_ours(self) -> bool:
        """Return whether it is in the ledger. Organizers can overrule calendars elsewhere, but not this."""
        return self.kind in {TakenKind.BOOKING, TakenKind.HOLD}


@dataclass(frozen=True, slots=True)
class Blocked:
    """A period in which no meeting can be, and the distance from other meetings that it requires."""

    period: Period
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO


def read_taken(
    people: Collection[User], window: Period, *, now: datetime, except_claim: UUID | None = None
) -> list[Taken]:
    """Return what takes the time of `people` in `window`, as of `now`, in order of start. One query.

    Expired holds do not count, and neither does anything of `except_claim`. Locks nothing: before a write, the caller
    locks the people.
    """
    return _read(TAKEN, _parameters(people, window, now, except_claim))


def read_blocking(
    people: Collection[User],
    window: Period,
    *,
    duration: timedelta,
    now: datetime,
    except_claim: UUID | None = None,
) -> Mapping[UUID, Sequence[Blocked]]:
    """Return by person where in `window` no slot of this duration can be. One query. See `read_taken`.

    If a counting calendar of a person wasn't read for too long, that is the whole window.
    """
    with connection.cursor() as cursor:
        gap = (duration - timedelta.resolution).total_seconds()
        cursor.execute(BLOCKING, {**_parameters(people, window, now, except_claim), "gap": gap})
        rows: list[BlockingRow] = cursor.fetchall()
    blocked: dict[UUID, list[Blocked]] = {}
    for person, start, end, before_buffer, after_buffer in rows:
        # Times from outside Caledee have no buffers.
        each = Blocked(Period(start, end), before_buffer or ZERO, after_buffer or ZERO)
        blocked.setdefault(person, []).append(each)
    return blocked


def conflicts_with(
    people: Collection[User], periods: Collection[Period], *, now: datetime, except_claim: UUID | None = None
) -> dict[Period, list[Taken]]:
    """Map each of `periods` that is taken to what takes it. At most one query, for any number of periods."""
    if not periods:
        return {}
    parameters = _parameters(people, hull(periods), now, except_claim)
    spans = ",".join(f"[{period.start.isoformat()},{period.end.isoformat()})" for period in periods)
    return find_overlaps(periods, _read(OVERLAPPING, {**parameters, "periods": f"{{{spans}}}"}))


def read_holds(person: User, *, now: datetime) -> list[Taken]:
    """Return all times held for this person, in order of start. They are in the ledger alone. One query."""
    rows = BusyTime.objects.filter(organizer=person, kind=BusyKind.HOLD, lapses_at__gt=now)
    ordered = rows.order_by("start", "end", "claim").values_list("start", "end", "claim")
    return [Taken(person.pk, Period(start, end), TakenKind.HOLD, LEDGER, claim) for start, end, claim in ordered]


def _read(statement: str, parameters: dict[str, Parameter]) -> list[Taken]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[TakenRow] = cursor.fetchall()
    return [
        Taken(person, Period(start, end), KINDS[kind], source, claim, before_buffer, after_buffer)
        for person, start, end, kind, source, claim, before_buffer, after_buffer in rows
    ]


def _parameters(
    people: Collection[User], window: Period, now: datetime, except_claim: UUID | None
) -> dict[str, Parameter]:
    return {
        "people": [person.pk for person in people],
        "start": window.start,
        "end": window.end,
        "now": now,
        "earliest_row": window.start - LONGEST_DURATION,
        "except_claim": except_claim,
        **busy.parameters(window),
    }
