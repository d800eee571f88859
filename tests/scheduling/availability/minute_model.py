"""A model of availability, minute by minute: slow, obvious, and sharing only the inputs with the real one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from scheduling.availability.slots import SlotRules, WorkingHours
from scheduling.availability.taken import Blocked

MINUTE = timedelta(minutes=1)


class Minute(NamedTuple):
    moment: datetime
    clock: time


def open_starts(hours: WorkingHours, taken: Collection[Blocked], rules: SlotRules, window: Period) -> list[datetime]:
    return open_starts_in(stretches_around(window, hours), taken, rules, window)


def common_open_starts(
    each: Sequence[WorkingHours], taken: Collection[Blocked], rules: SlotRules, window: Period
) -> list[datetime]:
    """Return the starts that are open to several people; `taken` is what any of them has."""
    stretch_of = [
        {minute: number for number, stretch in enumerate(stretches_around(window, hours)) for minute in stretch}
        for hours in each
    ]
    shared: dict[tuple[int, ...], list[datetime]] = {}
    for minute in sorted(set.intersection(*map(set, stretch_of))):
        shared.setdefault(tuple(numbers[minute] for numbers in stretch_of), []).append(minute)
    return open_starts_in(list(shared.values()), taken, rules, window)


def stretches_around(window: Period, hours: WorkingHours) -> list[list[datetime]]:
    return [stretch for day in days_around(window) for stretch in worked_stretches(day, hours)]


def open_starts_in(
    stretches: Sequence[list[datetime]], taken: Collection[Blocked], rules: SlotRules, window: Period
) -> list[datetime]:
    worked = {minute for stretch in stretches for minute in stretch}
    return [
        start
        for stretch in stretches
        for start in stretch
        if window.start <= start < window.end
        and (start - stretch[0]) % rules.start_increment == timedelta(0)
        and all(start + n * MINUTE in worked for n in range(rules.duration // MINUTE))
        and all(is_far_enough(start, rules, each) for each in taken)
    ]


def days_around(window: Period) -> Iterable[date]:
    """Return every local day that touches the window in any zone, and one more for meetings that reach into it."""
    first, last = window.start.date() - timedelta(days=1), window.end.date() + timedelta(days=2)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def worked_stretches(day: date, hours: WorkingHours) -> Iterable[list[datetime]]:
    """Return the working minutes of one day, as runs without a gap."""
    minutes = minutes_on(day, hours.zone)
    clocks = [minute.clock for minute in minutes]
    spans = hours.overrides.get(day, hours.weekly.get(day.weekday(), ()))
    worked = sorted({n for start, end in spans for n in worked_minutes(clocks, start, end)})
    breaks = [n for n in range(1, len(worked)) if worked[n] != worked[n - 1] + 1]
    edges = [0, *breaks, len(worked)]
    runs = [worked[edges[n] : edges[n + 1]] for n in range(len(edges) - 1)]
    return [[minutes[n].moment for n in run] for run in runs if run]


@cache
def minutes_on(day: date, zone: ZoneInfo) -> list[Minute]:
    """Return every minute, in order, at which clocks in `zone` show `day`, found among those of three days in UTC."""
    first = datetime.combine(day, time(0), UTC) - timedelta(days=1)
    moments = [first + n * MINUTE for n in range(3 * 1440)]
    return [
        Minute(moment, shown.time())
        for moment in moments
        if (shown := moment.astimezone(zone).replace(tzinfo=None)).date() == day
    ]


def worked_minutes(clocks: Sequence[time], start: time, end: time) -> range:
    """Return the minutes from the first at or past the start to the first at or past the end."""
    first = next((n for n, clock in enumerate(clocks) if clock >= start), len(clocks))
    last = next((n for n, clock in enumerate(clocks) if end != time(0) and clock >= end), len(clocks))
    return range(first, last)


def is_far_enough(start: datetime, rules: SlotRules, taken: Blocked) -> bool:
    """Return whether a meeting from `start` keeps the buffers of itself and of what is taken."""
    end = start + rules.duration
    if end <= taken.period.start:
        return taken.period.start - end >= max(rules.after_buffer, taken.before_buffer)
    if taken.period.end <= start:
        return start - taken.period.end >= max(rules.before_buffer, taken.after_buffer)
    return False
