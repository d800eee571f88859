"""Turn a reading into rows. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from caledee.timekeeping.periods import Period, merge
from scheduling.calendars.reading import OutsideTime


@dataclass(frozen=True, slots=True, order=True)
class BusyRow:
    """The columns of an `OutsideBusy` that come from a reading."""

    start: datetime
    end: datetime
    is_tentative: bool


def rows_of(times: Iterable[OutsideTime], longest: timedelta) -> list[BusyRow]:
    """Return rows of at most `longest`, merged with others of the same tentativeness, in order."""
    periods: dict[bool, list[Period]] = {}
    for time in times:
        periods.setdefault(time.is_tentative, []).append(time.period)
    return sorted(
        BusyRow(part.start, part.end, is_tentative)
        for is_tentative, each in periods.items()
        for period in merge(each)
        for part in _cut(period, longest)
    )


def _cut(period: Period, longest: timedelta) -> Iterator[Period]:
    start = period.start
    while period.end - start > longest:
        yield Period.lasting(start, longest)
        start += longest
    yield Period(start, period.end)
