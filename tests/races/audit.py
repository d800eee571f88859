"""What must be true of the database after any load."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from caledee.management.commands.audit import CHECKS
from caledee.ops.audit import Check
from caledee.timekeeping.periods import Period
from oneoff.models import ProposedTime
from scheduling.models import Booking, BusyKind, BusyTime
from tests.support.times import NOW


def assert_books_balance(*, now: datetime = NOW) -> None:
    """All that `manage.py audit` checks, and what only a test may ask: nothing has lapsed yet, at the moment at which
    the tests stop the clock."""
    assert findings(CHECKS, now=now) == []
    assert not BusyTime.objects.filter(kind=BusyKind.HOLD, lapses_at__lte=now).exists()
    assert not ProposedTime.objects.filter(start__lte=now).exists()
    assert_confirmed_bookings_lie_apart()


def findings(checks: Iterable[Check], *, now: datetime) -> list[str]:
    return [finding for check in checks for finding in check.findings(now=now)]


def assert_confirmed_bookings_lie_apart() -> None:
    """Check without the ledger that no one is in two meetings at once."""
    by_person: dict[object, list[Period]] = {}
    for booking in (
        Booking.objects.confirmed().order_by("start").select_related("organizer").prefetch_related("cohosts")
    ):
        for person in booking.people:
            by_person.setdefault(person.pk, []).append(booking.period)
    for periods in by_person.values():
        for earlier, later in pairwise(periods):
            assert not earlier.overlaps(later)
