"""The times that a page offers to choose from."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from caledee.timekeeping.zones import day_bounds, local_time

StartsByDay = Mapping[date, Sequence[datetime]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A bookable time. `value` is what a form sends for it; only its offer can read that."""

    value: str
    period: Period


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What the viewer asked to see. With `or_later`, a later day replaces a day that has no free times."""

    zone: ZoneInfo
    day: date | None = None
    month: date | None = None
    or_later: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """The month to choose a day from: the one that `shown` falls in. `open_days` have free times."""

    shown: date
    today: date
    last_day: date
    open_days: Collection[date]


@dataclass(frozen=True, slots=True)
class Times:
    """The slots that a page shows, in order.

    An offer that is shown day by day also has a month to choose from and the day of these slots. If that day has none,
    `other_day` is the nearest day that has some.
    """

    slots: Sequence[Slot]
    month: Month | None = None
    day: date | None = None
    other_day: date | None = None


def times_of_one_day(
    query: PageQuery,
    *,
    find_starts: Callable[[Period], Sequence[datetime]],
    slot_at: Callable[[datetime], Slot],
    now: datetime,
    until: datetime,
) -> Times:
    """Choose the day to show, in the viewer's zone: the day asked for, or the first day with free times.

    If nothing was asked for, or a later day will do, a day of another month can be shown. `find_starts` returns the
    free starts within a period, in order. Starts from `now` until before `until` can be booked.
    """
    window = Period(now, until - timedelta.resolution)
    today, last_day = local_time(window.start, query.zone).date(), local_time(window.end, query.zone).date()
    shown = min(max(query.day or query.month or today, today), last_day)
    by_day = _by_day(find_starts(_month_of(shown, query.zone)), query.zone)
    day = query.day or min(by_day, default=None)
    other_day = None if day in by_day else _nearest_day(_by_day(find_starts(window), query.zone), shown)
    if other_day is not None and (query.or_later or not (query.day or query.month)):
        shown, day, other_day = other_day, other_day, None
        by_day = _by_day(find_starts(_month_of(shown, query.zone)), query.zone)
    slots = [slot_at(start) for start in by_day.get(day, ())] if day else []
    return Times(slots, Month(shown, today, last_day, set(by_day)), day, other_day)


def _month_of(day: date, zone: ZoneInfo) -> Period:
    """Return the month that `day` falls in, from midnight to midnight in `zone`."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Period(day_bounds(first, zone)[0], day_bounds(after, zone)[0])


def _by_day(starts: Sequence[datetime], zone: ZoneInfo) -> StartsByDay:
    by_day: dict[date, list[datetime]] = {}
    for start in starts:
        by_day.setdefault(local_time(start, zone).date(), []).append(start)
    return by_day


def _nearest_day(days: Collection[date], wanted: date) -> date | None:
    """Return the first of `days`, which are in order, that is not before `wanted`, or else the last."""
    return next((day for day in days if day >= wanted), max(days, default=None))
