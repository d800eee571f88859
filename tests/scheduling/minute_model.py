"""Availability once more, minute by minute: slow, obvious, and sharing nothing with the real one but its inputs."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from caledee.periods import Period
from scheduling.availability import SlotRules, Taken, WorkingHours

MINUTE = timedelta(minutes=1)


class Minute(NamedTuple):
    moment: datetime
    shown: datetime


def open_starts(hours: WorkingHours, taken: Collection[Taken], rules: SlotRules, window: Period) -> list[datetime]:
    days = minutes_by_day(window, hours.zone)
    stretches = [stretch for day, minutes in days.items() for stretch in worked_stretches(day, minutes, hours)]
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


def minutes_by_day(window: Period, zone: ZoneInfo) -> dict[date, list[Minute]]:
    """Every minute of every day, as clocks in `zone` show it, that `window` touches; and some of those around them."""
    first, last = window.start.date() - timedelta(days=2), window.end.date() + timedelta(days=2)
    days: dict[date, list[Minute]] = {}
    for n in range((last - first).days + 1):
        for minute in minutes_of(first + timedelta(days=n), zone):
            days.setdefault(minute.shown.date(), []).append(minute)
    return days


@cache
def minutes_of(day: date, zone: ZoneInfo) -> list[Minute]:
    """The minutes of a day in UTC."""
    midnight = datetime.combine(day, time(0), UTC)
    moments = [midnight + n * MINUTE for n in range(1440)]
    return [Minute(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in moments]


def worked_stretches(day: date, minutes: Sequence[Minute], hours: WorkingHours) -> Iterable[list[datetime]]:
    """The minutes of one day that are worked, as runs without a gap."""
    spans = hours.overrides.get(day, hours.weekly.get(day.weekday(), ()))
    clocks = [minute.shown.time() for minute in minutes]
    worked = sorted({n for start, end in spans for n in worked_minutes(clocks, start, end)})
    breaks = [n for n in range(1, len(worked)) if worked[n] != worked[n - 1] + 1]
    edges = [0, *breaks, len(worked)]
    runs = [worked[edges[n] : edges[n + 1]] for n in range(len(edges) - 1)]
    return [[minutes[n].moment for n in run] for run in runs if run]


def worked_minutes(clocks: Sequence[time], start: time, end: time) -> range:
    """From the first minute whose clock is at or past the start to the first one at or past the end."""
    first = next((n for n, clock in enumerate(clocks) if clock >= start), len(clocks))
    last = next((n for n, clock in enumerate(clocks) if end != time(0) and clock >= end), len(clocks))
    return range(first, last)


def is_far_enough(start: datetime, rules: SlotRules, taken: Taken) -> bool:
    """Whether a meeting from `start` leaves the distance that it and what is taken ask of each other."""
    end = start + rules.duration
    if end <= taken.period.start:
        return taken.period.start - end >= max(rules.after_buffer, taken.before_buffer)
    if taken.period.end <= start:
        return start - taken.period.end >= max(rules.before_buffer, taken.after_buffer)
    return False


def first_minute(day: date, zone: ZoneInfo) -> datetime:
    """The first whole minute at which clocks in `zone` show `day`."""
    minute = datetime.combine(day, time(0), UTC) - timedelta(hours=16)
    while minute.astimezone(zone).date() < day:
        minute += MINUTE
    return minute
