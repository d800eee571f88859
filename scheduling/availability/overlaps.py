"""Find what overlaps a period among many things that have one. Pure; each search costs what it finds."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from caledee.timekeeping.periods import Period

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class HasPeriod(Protocol):
    @property
    def period(self) -> Period: ...


class ByDay[Each: HasPeriod]:
    """Things in a given order, indexed by the UTC days that they touch."""

    def __init__(self, things: Iterable[Each]) -> None:
        self._by_day: defaultdict[int, list[Each]] = defaultdict(list)
        for thing in things:
            for day in _days_of(thing.period):
                self._by_day[day].append(thing)

    def overlapping(self, period: Period) -> list[Each]:
        """Return those that overlap `period`, in the given order for each day, and each of them once."""
        near = {id(thing): thing for day in _days_of(period) for thing in self._by_day.get(day, ())}
        return [thing for thing in near.values() if thing.period.overlaps(period)]


def find_overlaps[Each: HasPeriod](periods: Collection[Period], things: Iterable[Each]) -> dict[Period, list[Each]]:
    """Map each of `periods` to the things that overlap it, leaving out those without any."""
    by_day = ByDay(things)
    overlaps = {period: by_day.overlapping(period) for period in periods}
    return {period: found for period, found in overlaps.items() if found}


def hull(periods: Collection[Period]) -> Period:
    """Return the shortest period that contains all of `periods`, of which there is at least one."""
    return Period(min(period.start for period in periods), max(period.end for period in periods))


def _days_of(period: Period) -> range:
    """The UTC days that `period` touches, counted from the epoch."""
    return range((period.start - EPOCH) // DAY, -((EPOCH - period.end) // DAY))
