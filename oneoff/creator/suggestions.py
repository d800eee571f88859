"""Choose which time to propose next. Makes no queries."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period, intersect
from caledee.timekeeping.zones import day_bounds, first_moment_from
from scheduling.availability.slots import SlotRules, WorkingHours, open_starts, working_periods
from scheduling.availability.taken import Blocked

STEP = timedelta(minutes=15)
USUAL_START = time(9)


def suggest_start(
    day: date,
    zone: ZoneInfo,
    hours: Sequence[WorkingHours],
    taken: Iterable[Period],
    duration: timedelta,
    *,
    now: datetime,
    after: datetime | None = None,
) -> datetime | None:
    """Return a free start on this local day of `zone`, on the quarter hour, later than `now` and not before `after`.

    `hours` are the working hours of everyone who attends, the organizer's first. The hours they all share are tried
    first, then the organizer's, then the day from 9:00, then the whole day. Return None if the day is full or over.
    """
    bounds = Period(*day_bounds(day, zone))
    earliest = max(bounds.start, now + timedelta(microseconds=1), after or bounds.start)
    if earliest >= bounds.end:
        return None
    window = Period(earliest, bounds.end)
    rules = SlotRules(duration=duration, start_increment=STEP)
    blocked = [Blocked(period) for period in taken]
    nine = first_moment_from(datetime.combine(day, USUAL_START), zone)
    # A meeting only has to start on the day. It can continue past midnight.
    end = bounds.end + duration
    rooms = [common_periods(hours, window), working_periods(hours[0], window)]
    for room in (*rooms, [Period(nine, end)], [Period(bounds.start, end)]):
        starts = open_starts(room, blocked, rules, window)
        if starts:
            return starts[0]
    return None


def common_periods(hours: Sequence[WorkingHours], window: Period) -> list[Period]:
    """Return when everyone works, on the local days that `window` touches."""
    return reduce(intersect, (working_periods(each, window) for each in hours))
