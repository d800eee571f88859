"""Place and release the holds of proposed times.

A hold is a row in the ledger of busy time, with the one-off's ID as its claim. It counts while the link is open and
valid and the time is in the future. Readers and writers of the ledger check `lapses_at` for the last two, so nothing
waits for a cleanup job. All functions require a transaction in which the organizer and cohosts are locked.
"""

from collections.abc import Collection
from datetime import datetime

from oneoff.models import OneOffMeeting, ProposedTime
from scheduling.availability import ledger
from scheduling.models import BusyKind


def place(one_off: OneOffMeeting, times: Collection[ProposedTime], *, now: datetime) -> None:
    """Hold these times for the organizer and the cohosts. Raises TimeTaken."""
    claimed = [ledger.Claimed(time.period, lapses_at=lapse_of(time, one_off.valid_until)) for time in times]
    ledger.claim(one_off.pk, BusyKind.HOLD, one_off.people, claimed, now=now)


def lapse_of(time: ProposedTime, valid_until: datetime | None) -> datetime:
    """Return when a hold stops counting: at its start, or when the link expires if that is sooner."""
    return time.start if valid_until is None else min(time.start, valid_until)


def release(one_off: OneOffMeeting) -> None:
    """Release all holds of the one-off."""
    ledger.release(one_off.pk)


def release_time(time: ProposedTime) -> None:
    """Release one proposed time. Overlapping times of the same one-off stay held."""
    ledger.release(time.one_off_id, time.period)
