"""The one answer to "what can be booked": working hours minus taken time, on the grid of an event type.

The first half is pure: it turns periods into starts. The second half reads schedules and taken time. Working hours are
local times in the schedule's zone; everything else is a moment in UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from itertools import accumulate, repeat
from operator import itemgetter
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period, intersect, merge
from caledee.timekeeping.zones import day_bounds, first_moment_from, local_time
from scheduling.availability.day_end import END_OF_DAY, as_end
from scheduling.availability.taken import Blocked, read_blocking
from scheduling.models import LONGEST_BUFFER, ZERO, EventType

Hours = tuple[time, time]
ONE_DAY = timedelta(days=1)
# A span of starts that follows all others.
NEVER = (datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
USUAL_WEEK: Mapping[int, Sequence[Hours]] = {weekday: ((time(9), time(17)),) for weekday in range(5)}


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Local hours per weekday (0 is Monday), and those of date overrides. An end of 00:00 is the midnight after."""

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Hours]] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Hours]] = field(default_factory=dict)


class Blocking(Protocol):
    """A period in which no meeting can be, and the distance from other meetings that it requires."""

    @property
    def period(self) -> Period: ...
    @property
    def before_buffer(self) -> timedelta: ...
    @property
    def after_buffer(self) -> timedelta: ...


@dataclass(frozen=True, slots=True)
class SlotRules:
    """The settings that decide where a meeting can start. Durations are elapsed time."""

    duration: timedelta
    start_increment: timedelta
    before_buffer: timedelta = ZERO
    after_buffer: timedelta = ZERO


def working_periods(hours: WorkingHours, window: Period) -> list[Period]:
    """Return the working periods of every local day that `window` touches, in order, merged within each day. Pure.

    They may extend past the window, and hours that meet at midnight remain one period per day: the grid of starts must
    not depend on where the window begins. A local time that the clocks skip stands for the moment of the change, and
    one that occurs twice stands for its first occurrence.
    """
    day = local_time(window.start, hours.zone).date() - ONE_DAY
    last = local_time(window.end, hours.zone).date() + ONE_DAY
    usual = [tuple(hours.weekly.get(weekday, ())) for weekday in range(7)]
    periods: list[Period] = []
    while day <= last:
        on_day = tuple(hours.overrides[day]) if day in hours.overrides else usual[day.weekday()]
        if on_day:
            periods += _working_periods_on(day, on_day, hours.zone)
        day += ONE_DAY
    return periods


def common_working_periods(each: Sequence[Sequence[Period]]) -> Sequence[Period]:
    """Return the periods in which everyone works, in order, given the `working_periods` of each person. Pure.

    A common period is cut at midnight where someone's hours continue: as for one person, the grid of starts must not
    depend on where the window begins.
    """
    if len(each) == 1:
        return each[0]
    starts = sorted({period.start for periods in each for period in periods})
    return [part for period in reduce(intersect, each[1:], merge(each[0])) for part in _cut(period, starts)]


def open_starts(
    working: Sequence[Period], taken: Iterable[Blocking], rules: SlotRules, window: Period
) -> list[datetime]:
    """Return the starts within `window` at which a meeting fits, in order. Pure; O(n log n) in its arguments.

    The grid begins at the start of each working period. The whole meeting must lie within one working period, or
    several that touch. Its distance from each taken period is at least the larger of the two buffers between them.
    """
    spans = _blocked_starts(taken, rules)
    if not spans:
        return list(_grid(working, rules, window))
    blocked = iter(spans)
    first, last = next(blocked)
    starts = []
    for start in _grid(working, rules, window):
        while last <= start:
            first, last = next(blocked, NEVER)
        if start <= first:
            starts.append(start)
    return starts


def read_working_hours(organizer: User) -> WorkingHours:
    """Read the organizer's schedule; without one, USUAL_WEEK in their own zone. Three queries."""
    schedule = getattr(organizer, "schedule", None)
    if schedule is None:
        return WorkingHours(organizer.zone, USUAL_WEEK)
    weekly: dict[int, list[Hours]] = {}
    for hours in schedule.weekly_hours.all():
        weekly.setdefault(hours.weekday, []).append((hours.start, hours.end))
    overrides: dict[date, list[Hours]] = {}
    for override in schedule.date_overrides.all():
        periods = overrides.setdefault(override.date, [])
        if override.start is not None and override.end is not None:
            periods.append((override.start, override.end))
    return WorkingHours(schedule.zone, weekly, overrides)


def slots_of(
    event_type: EventType,
    hosts: Sequence[User],
    window: Period,
    *,
    now: datetime,
    except_claim: UUID | None = None,
) -> list[datetime]:
    """Return the starts in `window` at which all `hosts` can be booked together as of `now`.

    Applies schedules, taken time, minimum notice and booking window. Reads everyone's taken time in one query, without
    locks. The booking window ends with a local day of a host's schedule, counted from today; of several hosts, the
    earliest end applies. Time taken by `except_claim` is free: a booking being moved doesn't block itself.
    """
    each = [read_working_hours(host) for host in hosts]
    bookable = _bookable_window(event_type, [hours.zone for hours in each], window, now)
    if bookable is None:
        return []
    taken = _read_taken(event_type, hosts, bookable, now, except_claim)
    working = common_working_periods([working_periods(hours, bookable) for hours in each])
    everything = [each_taken for host in hosts for each_taken in taken.get(host.pk, ())]
    return open_starts(working, everything, _rules_of(event_type), bookable)


def slots_of_each(
    event_type: EventType, hosts: Sequence[User], window: Period, *, now: datetime
) -> list[list[datetime]]:
    """Return for each of `hosts` the starts in `window` at which they alone can be booked. See `slots_of`."""
    taken = _read_taken(event_type, hosts, window, now, None)
    return [_own_slots(event_type, read_working_hours(host), taken.get(host.pk, ()), window, now) for host in hosts]


def schedule_zone(person: User) -> ZoneInfo:
    """Return the zone of the person's schedule; without one, their own zone."""
    schedule = getattr(person, "schedule", None)
    return schedule.zone if schedule else person.zone


def bookable_until(event_type: EventType, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return the moment at which the last local day of the booking window ends."""
    last_day = local_time(now, zone).date() + event_type.booking_window
    return day_bounds(last_day, zone)[1]


# Pages need the same weeks of the same hours repeatedly.
@lru_cache(maxsize=8192)
def _working_periods_on(day: date, hours: tuple[Hours, ...], zone: ZoneInfo) -> Sequence[Period]:
    periods = []
    for start, end in hours:
        end = as_end(end)
        ends_at_midnight = end == END_OF_DAY
        first = first_moment_from(datetime.combine(day, start), zone)
        last = first_moment_from(datetime.combine(day + ONE_DAY if ends_at_midnight else day, end), zone)
        if first < last:
            periods.append(Period(first, last))
    return tuple(merge(periods))


def _blocked_starts(taken: Iterable[Blocking], rules: SlotRules) -> list[tuple[datetime, datetime]]:
    """Return the spans of starts, both ends excluded, that are too close to a taken period; in order, merged."""
    own_after, own_before = rules.after_buffer, rules.before_buffer
    usual = rules.duration + own_after
    spans = [
        (
            each.period.start - (usual if each.before_buffer <= own_after else rules.duration + each.before_buffer),
            each.period.end + (own_before if each.after_buffer <= own_before else each.after_buffer),
        )
        for each in taken
    ]
    spans.sort(key=itemgetter(0))
    merged: list[tuple[datetime, datetime]] = []
    if not spans:
        return merged
    first, last = spans[0]
    for start, end in spans:
        # Open spans that only touch leave the start between them free.
        if start >= last:
            merged.append((first, last))
            first, last = start, end
        elif end > last:
            last = end
    return [*merged, (first, last)]


def _grid(working: Sequence[Period], rules: SlotRules, window: Period) -> Iterator[datetime]:
    joined, step = merge(working), rules.start_increment
    position = 0
    for period in working:
        while joined[position].end < period.end:
            position += 1
        start = period.start
        if start < window.start:
            start += -((start - window.start) // step) * step
        last, until = joined[position].end - rules.duration, min(period.end, window.end)
        if until <= last:
            last = until - timedelta.resolution
        if start <= last:
            yield from accumulate(repeat(step, (last - start) // step), initial=start)


def _bookable_window(event_type: EventType, zones: Iterable[ZoneInfo], window: Period, now: datetime) -> Period | None:
    """Cut `window` to what minimum notice and booking window allow in every zone."""
    start = max(window.start, now + event_type.minimum_notice)
    end = min([window.end, *(bookable_until(event_type, zone, now=now) for zone in zones)])
    return Period(start, end) if start < end else None


def _own_slots(
    event_type: EventType, hours: WorkingHours, taken: Iterable[Blocking], window: Period, now: datetime
) -> list[datetime]:
    bookable = _bookable_window(event_type, [hours.zone], window, now)
    if bookable is None:
        return []
    return open_starts(working_periods(hours, bookable), taken, _rules_of(event_type), bookable)


def _cut(period: Period, moments: Sequence[datetime]) -> Iterator[Period]:
    """Cut the period at each of `moments` within it. `moments` are in order."""
    within = moments[bisect_right(moments, period.start) : bisect_left(moments, period.end)]
    return map(Period, [period.start, *within], [*within, period.end])


def _rules_of(event_type: EventType) -> SlotRules:
    return SlotRules(
        duration=event_type.duration,
        start_increment=event_type.start_increment,
        before_buffer=event_type.before_buffer,
        after_buffer=event_type.after_buffer,
    )


def _read_taken(
    event_type: EventType, hosts: Sequence[User], window: Period, now: datetime, except_claim: UUID | None
) -> Mapping[UUID, Sequence[Blocked]]:
    """Return by host what could block a meeting that starts in `window`."""
    reach = window.padded(LONGEST_BUFFER, event_type.duration + LONGEST_BUFFER)
    return read_blocking(hosts, reach, duration=event_type.duration, now=now, except_claim=except_claim)
