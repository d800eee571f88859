"""Rows of busy time in memory, sorted by day: a look-up costs what it finds, however many rows there are."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.models import BusyTime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class BusyRows:
    """`rows` in order of start, found again by the UTC days that they touch."""

    def __init__(self, rows: Iterable[BusyTime]) -> None:
        self._by_day: defaultdict[int, list[BusyTime]] = defaultdict(list)
        for row in rows:
            for day in _days_of(row.period):
                self._by_day[day].append(row)

    def overlapping(self, period: Period, person: User | None = None) -> list[BusyTime]:
        """The rows, of this person or of everybody, that overlap `period`, in order of start."""
        near = {row.pk: row for day in _days_of(period) for row in self._by_day.get(day, ())}
        return [
            row
            for row in near.values()
            if row.period.overlaps(period) and (person is None or row.organizer_id == person.pk)
        ]


def _days_of(period: Period) -> range:
    """The UTC days that `period` touches, counted from the epoch; never none, a period being half-open."""
    return range((period.start - EPOCH) // DAY, -((EPOCH - period.end) // DAY))
