"""The ledger of busy time: the only writer of BusyTime.

Moments are aware datetimes. Everything that writes runs in a transaction that holds the locks of `lock_organizers`;
the exclusion constraint `busy_time_no_overlap` is the net under it.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import ExclusionViolation

from caledee.accounts.models import User
from caledee.ops.patience import Shunned
from caledee.timekeeping.periods import Period
from scheduling.availability.busy_rows import BusyRows
from scheduling.models import LONGEST_DURATION, ZERO, BusyKind, BusyTime

shunned = Shunned()


class TimeTaken(Exception):
    """Somebody else's claim overlaps. `conflicts` are its rows, where they could be read."""

    def __init__(self, conflicts: Sequence[BusyTime] = ()) -> None:
        super().__init__("the time is taken")
        self.conflicts = list(conflicts)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A period to be written into the ledger. `lapses_at` is for holds: the moment from which it counts no more."""

    period: Period
    lapses_at: datetime | None = None
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO


def lock_organizers(organizers: Iterable[User | uuid.UUID]) -> list[User]:
    """Lock these people's rows until the transaction ends, in primary-key order, and return them fresh.

    FOR NO KEY UPDATE: rows that refer to a person can still be inserted meanwhile. Whoever takes or frees somebody's
    time comes through here first, so two of them never wait for each other in a circle. Needs a transaction.
    """
    keys = {organizer.pk if isinstance(organizer, User) else organizer for organizer in organizers}
    with shunned.waiting_for(keys) as at_once:
        rows = User.objects.select_for_update(no_key=True, nowait=at_once).filter(pk__in=keys)
        return list(rows.order_by("pk"))


def busy_times(
    organizers: Collection[User], window: Period, *, now: datetime, except_claim: uuid.UUID | None = None
) -> QuerySet[BusyTime]:
    """The rows that count at `now` and overlap `window`, in order of start. Lapsed holds are left out.

    No row is longer than LONGEST_DURATION (a constraint sees to it), which bounds the start from below, so that the
    index on organizer and start finds them.
    """
    rows = _overlapping(organizers, window).filter(Q(kind=BusyKind.BOOKING) | Q(lapses_at__gt=now))
    if except_claim is not None:
        rows = rows.exclude(claim=except_claim)
    return rows.order_by("start", "pk")


def live_holds(person: User, *, now: datetime) -> QuerySet[BusyTime]:
    """The holds on this person's time that count at `now`, in order of start: all of them lie ahead."""
    return BusyTime.objects.filter(organizer=person, kind=BusyKind.HOLD, lapses_at__gt=now).order_by("start", "pk")


def conflicts_with(
    organizers: Collection[User],
    periods: Collection[Period],
    *,
    now: datetime,
    except_claim: uuid.UUID | None = None,
) -> dict[Period, list[BusyTime]]:
    """For each of `periods` that is taken at `now`, the rows that take it. One query, whatever their number."""
    if not periods:
        return {}
    rows = list(busy_times(organizers, _hull(periods), now=now, except_claim=except_claim))
    return _by_period(periods, rows)


def claim(
    claim_id: uuid.UUID,
    kind: BusyKind,
    organizers: Collection[User],
    claimed: Collection[Claimed],
    *,
    now: datetime,
) -> None:
    """Write each period for each organizer, whole or not at all; lapsed holds in the way are released.

    The organizers must be locked. Raises TimeTaken where another claim overlaps; the transaction stays usable.
    """
    if not claimed:
        return
    periods = [each.period for each in claimed]
    found = list(_overlapping(organizers, _hull(periods)).exclude(claim=claim_id).order_by("start", "pk"))
    lapsed = [row.pk for row in found if row.has_lapsed(now)]
    taken = _by_period(periods, [row for row in found if not row.has_lapsed(now)])
    if taken:
        raise TimeTaken([row for rows in taken.values() for row in rows])
    if lapsed:
        BusyTime.objects.filter(pk__in=lapsed).delete()
    rows = [
        BusyTime(
            organizer=organizer,
            claim=claim_id,
            kind=kind,
            start=each.period.start,
            end=each.period.end,
            before_buffer=each.before_buffer,
            after_buffer=each.after_buffer,
            lapses_at=each.lapses_at,
        )
        for organizer in organizers
        for each in claimed
    ]
    try:
        with transaction.atomic():
            BusyTime.objects.bulk_create(rows)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            raise TimeTaken from error
        raise


def release(claim_id: uuid.UUID, period: Period | None = None) -> int:
    """Free all that a claim takes, or only its rows of exactly `period`. Returns how many rows went.

    The organizers must be locked.
    """
    rows = BusyTime.objects.filter(claim=claim_id)
    if period is not None:
        rows = rows.filter(start=period.start, end=period.end)
    count, _ = rows.delete()
    return count


def release_claims(claim_ids: Collection[uuid.UUID]) -> None:
    """Free all that these claims take, of everybody. The organizers must be locked."""
    BusyTime.objects.filter(claim__in=claim_ids).delete()


def release_person(organizer: User) -> None:
    """Free all of this person's time, whatever takes it; others keep theirs. The person must be locked."""
    BusyTime.objects.filter(organizer=organizer).delete()


def _overlapping(organizers: Collection[User], window: Period) -> QuerySet[BusyTime]:
    """Lapsed holds, too."""
    return BusyTime.objects.filter(
        organizer__in=organizers,
        start__gt=window.start - LONGEST_DURATION,
        start__lt=window.end,
        end__gt=window.start,
    )


def _hull(periods: Collection[Period]) -> Period:
    return Period(min(period.start for period in periods), max(period.end for period in periods))


def _by_period(periods: Collection[Period], rows: Sequence[BusyTime]) -> dict[Period, list[BusyTime]]:
    sorted_rows = BusyRows(rows)
    overlapping = {period: sorted_rows.overlapping(period) for period in periods}
    return {period: taken_by for period, taken_by in overlapping.items() if taken_by}
