"""The only writer of the ledger of busy time. `scheduling.availability.taken` reads it.

Moments are aware datetimes. Each write runs in a transaction that holds the locks of `lock_organizers`; the exclusion
constraint `busy_time_no_overlap` is the safety net.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.errors import ExclusionViolation

from caledee.accounts.models import User
from caledee.ops.patience import Shunned
from caledee.timekeeping.periods import Period
from scheduling.availability.overlaps import find_overlaps, hull
from scheduling.models import ZERO, BusyKind, BusyTime

shunned = Shunned()


class TimeTaken(Exception):
    """Another claim overlaps. `conflicts` holds its rows, unless the database itself refused the write."""

    def __init__(self, conflicts: Sequence[BusyTime] = ()) -> None:
        super().__init__("the time is taken")
        self.conflicts = list(conflicts)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A period to write into the ledger. A hold expires at `lapses_at`."""

    period: Period
    lapses_at: datetime | None = None
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO


def lock_organizers(organizers: Iterable[User | uuid.UUID]) -> list[User]:
    """Lock these people's rows until the transaction ends, in primary-key order, and return them as they are now.

    FOR NO KEY UPDATE still lets other transactions insert rows that refer to a person. Every transaction that takes or
    frees time calls this first, and the common order rules out deadlocks. Requires a transaction.
    """
    keys = {organizer.pk if isinstance(organizer, User) else organizer for organizer in organizers}
    with shunned.waiting_for(keys) as at_once:
        rows = User.objects.select_for_update(no_key=True, nowait=at_once).filter(pk__in=keys)
        return list(rows.order_by("pk"))


def last_expiry(organizer: User, *, now: datetime) -> datetime | None:
    """Return when a hold on this person's time last expired, among the holds that still have a row."""
    expired = BusyTime.objects.filter(organizer=organizer, kind=BusyKind.HOLD, lapses_at__lte=now)
    latest: datetime | None = expired.aggregate(latest=Max("lapses_at"))["latest"]
    return latest


def claim(
    claim_id: uuid.UUID,
    kind: BusyKind,
    organizers: Collection[User],
    claimed: Collection[Claimed],
    *,
    now: datetime,
) -> None:
    """Write all periods for each organizer, or none of them. Deletes expired holds that overlap.

    The organizers must be locked. Raises TimeTaken if another claim overlaps; the transaction remains usable.
    """
    if not claimed:
        return
    periods = [each.period for each in claimed]
    others = BusyTime.objects.overlapping(organizers, hull(periods)).exclude(claim=claim_id)
    found = list(others.order_by("start", "pk"))
    lapsed = [row.pk for row in found if row.has_lapsed(now)]
    taken = find_overlaps(periods, [row for row in found if not row.has_lapsed(now)])
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
    """Delete the rows of a claim, or only those of exactly `period`, and return their number.

    The organizers must be locked.
    """
    rows = BusyTime.objects.filter(claim=claim_id)
    if period is not None:
        rows = rows.filter(start=period.start, end=period.end)
    count, _ = rows.delete()
    return count


def release_claims(claim_ids: Collection[uuid.UUID]) -> None:
    """Delete all rows of these claims. The organizers must be locked."""
    BusyTime.objects.filter(claim__in=claim_ids).delete()


def release_person(organizer: User) -> None:
    """Delete all rows of this person, who must be locked. Rows of other people with the same claims stay."""
    BusyTime.objects.filter(organizer=organizer).delete()
