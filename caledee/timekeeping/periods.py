"""Half-open spans of time and their maths. Pure: no Django, no clock, no zones.

Moments are aware datetimes; any aware datetimes compare by the moment they name. Every period is `[start, end)`, so
10:00-10:30 and 10:30-11:00 do not overlap (as DTSTART and DTEND in RFC 5545, section 3.6.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The moments from `start` up to, but not including, `end`. Raises ValueError where it would hold none."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a period must end after it starts: {self.start} - {self.end}")

    @classmethod
    def lasting(cls, start: datetime, duration: timedelta) -> "Period":
        """The period of `duration` from `start`, counted in elapsed time."""
        return cls(start, start + duration)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Period") -> bool:
        return self.start <= other.start and other.end <= self.end

    def padded(self, before: timedelta, after: timedelta) -> "Period":
        """This period begun `before` earlier and ended `after` later."""
        return Period(self.start - before, self.end + after)


def merge(periods: Iterable[Period]) -> list[Period]:
    """The same moments as the fewest periods, in order: none of them overlaps or touches another."""
    merged: list[Period] = []
    for period in sorted(periods, key=attrgetter("start")):
        if merged and period.start <= merged[-1].end:
            if period.end > merged[-1].end:
                merged[-1] = Period(merged[-1].start, period.end)
        else:
            merged.append(period)
    return merged


def clip(periods: Iterable[Period], window: Period) -> list[Period]:
    """The part of each period that lies within `window`, in the order given; those outside are left out."""
    return [
        Period(max(period.start, window.start), min(period.end, window.end))
        for period in periods
        if period.overlaps(window)
    ]


def intersect(first: Iterable[Period], second: Iterable[Period]) -> list[Period]:
    """The moments that lie in both, as the fewest periods, in order."""
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
