"""Half-open periods of time. Pure functions: no Django, no clock, no zones.

Bounds are aware datetimes in any zone, compared by the moment they name. Every period is `[start, end)`, so
10:00-10:30 and 10:30-11:00 do not overlap (like DTSTART and DTEND in RFC 5545, section 3.6.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The moments from `start` up to, but not including, `end`. Raises ValueError unless `end` is after `start`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a period must end after it starts: {self.start} - {self.end}")

    @classmethod
    def lasting(cls, start: datetime, duration: timedelta) -> "Period":
        """Return the period that begins at `start` and lasts `duration` of elapsed time, across clock changes too."""
        return cls(start, start + duration)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Period") -> bool:
        return self.start <= other.start and other.end <= self.end

    def padded(self, before: timedelta, after: timedelta) -> "Period":
        """Return this period with `before` and `after` of elapsed time added to it."""
        return Period(self.start - before, self.end + after)


def merge(periods: Iterable[Period]) -> list[Period]:
    """Return the same moments as the fewest periods, in order. None of them overlap or touch."""
    merged: list[Period] = []
    for period in sorted(periods, key=attrgetter("start")):
        if merged and period.start <= merged[-1].end:
            if period.end > merged[-1].end:
                merged[-1] = Period(merged[-1].start, period.end)
        else:
            merged.append(period)
    return merged


def clip(periods: Iterable[Period], window: Period) -> list[Period]:
    """Return the part of each period within `window`, in the given order, without periods outside it."""
    return [
        Period(max(period.start, window.start), min(period.end, window.end))
        for period in periods
        if period.overlaps(window)
    ]


def intersect(first: Iterable[Period], second: Iterable[Period]) -> list[Period]:
    """Return the moments in both, as the fewest periods, in order."""
    ones, others = merge(first), merge(second)
    common: list[Period] = []
    one = other = 0
    while one < len(ones) and other < len(others):
        start = max(ones[one].start, others[other].start)
        end = min(ones[one].end, others[other].end)
        if start < end:
            common.append(Period(start, end))
        if ones[one].end < others[other].end:
            one += 1
        else:
            other += 1
    return common
