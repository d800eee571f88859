"""When a proposed time is held, and when it is freed.

A hold lives in the ledger of busy time under its one-off's id. It counts while the link is open, its start lies in the
future and the link is valid: the last two are its row's `lapses_at`, which readers and writers of the ledger look at,
so that nothing waits for a clean-up. All functions need the organizer and the cohosts locked and a transaction.
"""

from collections.abc import Collection
from datetime import datetime

from oneoff.models import OneOffMeeting, ProposedTime
from scheduling.availability import ledger
from scheduling.models import BusyKind


def place(one_off: OneOffMeeting, times: Collection[ProposedTime], *, now: datetime) -> None:
    """Hold these times against everything else of the organizer and the cohosts. Raises TimeTaken."""
    claimed = [ledger.Claimed(time.period, lapses_at=lapse_of(time, one_off.valid_until)) for time in times]
    ledger.claim(one_off.pk, BusyKind.HOLD, one_off.people, claimed, now=now)


def lapse_of(time: ProposedTime, valid_until: datetime | None) -> datetime:
    """When a hold ceases to count: at its own start, or when the link's validity ends if that is sooner."""
    return time.start if valid_until is None else min(time.start, valid_until)


def release(one_off: OneOffMeeting) -> None:
    """Free all that the one-off holds."""
    ledger.release(one_off.pk)


def release_time(time: ProposedTime) -> None:
    """Free one proposed time. Others of the same one-off that overlap it stay held."""
    ledger.release(time.one_off_id, time.period)
