"""A one-off meeting on its way: the times proposed so far, held against the calendars of all who are to be there.

A draft is never stored: it is made anew from what the form sends. Local times are in the organizer's zone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period, merge
from caledee.timekeeping.wording import say_names
from caledee.timekeeping.zones import LocalTimeMissing, day_bounds, local_time, moment_at
from oneoff.conflicts import Names, describe_conflicts, names_known_to
from oneoff.creator.suggestions import suggest_start
from oneoff.creator.times import TypedTime, format_local, read_times
from oneoff.models import MOST_PROPOSED_TIMES
from scheduling.availability.busy_rows import BusyRows
from scheduling.availability.ledger import busy_times
from scheduling.availability.slots import WorkingHours, read_working_hours, working_periods

TOO_MANY = f"Propose at most {MOST_PROPOSED_TIMES} times."
NONE_YET = "Pick at least one day and time."
OUTSIDE_HOURS = "Outside working hours."
OUTSIDE_ALL_HOURS = "Outside everybody’s working hours."


@dataclass(slots=True)
class Draft:
    """The proposed times of these people, the organizer first, as `viewer` may see them at `now`.

    `hours` are each one's, in the order of `people`.
    """

    people: Sequence[User]
    viewer: User
    duration: timedelta
    now: datetime
    times: list[TypedTime]
    hours: Sequence[WorkingHours]
    busy: BusyRows = field(default_factory=lambda: BusyRows([]))
    names: Names = field(default_factory=dict)

    @property
    def organizer(self) -> User:
        return self.people[0]

    @property
    def zone(self) -> ZoneInfo:
        return self.organizer.zone

    @property
    def days(self) -> list[date]:
        """The local days that have a time, in order."""
        return sorted({time.day for time in self.times if time.day})

    @property
    def starts(self) -> list[datetime]:
        return [time.start for time in self.times if time.start]

    @property
    def problem(self) -> str:
        """What is wrong with the times as a whole; each one's own error stands beside it."""
        if not self.times:
            return NONE_YET
        return TOO_MANY if len(self.times) > MOST_PROPOSED_TIMES else ""

    @property
    def has_errors(self) -> bool:
        return bool(self.problem) or any(time.error for time in self.times)

    @property
    def is_only_taken(self) -> bool:
        """Whether nothing but other meetings stands in its way: each time is well formed."""
        return not self.problem and all(time.start for time in self.times)

    def times_on(self, day: date) -> list[TypedTime]:
        return [time for time in self.times if time.day == day]

    def working_on(self, day: date, hours: WorkingHours) -> list[Period]:
        """Within a local day of the organizer."""
        return working_periods(hours, Period(*day_bounds(day, self.zone)))


def read_draft(
    texts: Sequence[str],
    *,
    people: Sequence[User],
    viewer: User,
    duration: timedelta,
    now: datetime,
    also_days: Iterable[date] = (),
) -> Draft:
    """Read what was typed, and everybody's calendar around it. At most six queries, whatever the numbers.

    What stands against a time is left to `judged`. `people` are the organizer, in whose zone the times are, then the
    cohosts. `also_days` are days that have no time yet, whose busy time is wanted too.
    """
    organizer = people[0]
    prefetch_related_objects(people, "schedule__weekly_hours", "schedule__date_overrides")
    draft = Draft(
        people=people,
        viewer=viewer,
        duration=duration,
        now=now,
        times=_read_times(texts, organizer.zone, now),
        hours=[read_working_hours(person) for person in people],
    )
    if days := {*draft.days, *also_days}:
        first, last = day_bounds(min(days), draft.zone)[0], day_bounds(max(days), draft.zone)[1]
        rows = list(busy_times(people, Period(first, last + duration), now=now))
        draft.busy, draft.names = BusyRows(rows), names_known_to(viewer, rows)
    return draft


def judged(draft: Draft, texts: Sequence[str] | None = None) -> Draft:
    """The draft, or one with these times on days that it was read for, with what stands against each. Asks nothing."""
    times = draft.times if texts is None else _read_times(texts, draft.zone, draft.now)
    return replace(draft, times=[_judge(time, draft) for time in times])


def add_day(draft: Draft, day: date, *, like: date | None) -> list[str]:
    """The texts of all times with those of `day` added: the same as on the day `like`, else the first free one."""
    pattern = [time.local.time() for time in draft.times_on(like) if time.local] if like else []
    copied = [
        format_local(local)
        for clock in pattern
        if _can_be_proposed(local := datetime.combine(day, clock), draft.zone, draft.now)
    ]
    return [*_texts(draft), *copied] if copied else add_time(draft, day)


def add_time(draft: Draft, day: date) -> list[str]:
    """The texts with the next free time of `day` added, after those it has; unchanged where the day is full."""
    proposed = [Period.lasting(time.start, draft.duration) for time in draft.times if time.start]
    on_day = [time.start for time in draft.times_on(day) if time.start]
    bounds = Period(*day_bounds(day, draft.zone))
    # A meeting only has to start on the day: it may run past midnight.
    rows = draft.busy.overlapping(Period(bounds.start, bounds.end + draft.duration))
    taken = [*(row.period for row in rows), *proposed]
    after = max(on_day) + draft.duration if on_day else None
    start = suggest_start(day, draft.zone, draft.hours, taken, draft.duration, now=draft.now, after=after)
    if start is None and after:
        start = suggest_start(day, draft.zone, draft.hours, taken, draft.duration, now=draft.now)
    return [*_texts(draft), format_local(local_time(start, draft.zone))] if start else _texts(draft)


def remove_day(draft: Draft, day: date) -> list[str]:
    return [time.text for time in draft.times if time.day != day]


def remove_time(draft: Draft, index: int) -> list[str]:
    return [time.text for time in draft.times if time.index != index]


def copy_day(draft: Draft, day: date) -> list[str]:
    """The texts with the times of `day` on every other picked day too, one more than the limit at most."""
    known = {time.local for time in draft.times}
    clocks = dict.fromkeys(time.local.time() for time in draft.times_on(day) if time.local)
    missing = (
        format_local(local)
        for other in draft.days
        for clock in clocks
        if (local := datetime.combine(other, clock)) not in known and _can_be_proposed(local, draft.zone, draft.now)
    )
    return [*_texts(draft), *islice(missing, MOST_PROPOSED_TIMES + 1)]


def _read_times(texts: Sequence[str], zone: ZoneInfo, now: datetime) -> list[TypedTime]:
    return read_times(texts[: 2 * MOST_PROPOSED_TIMES], zone, now=now)


def _judge(time: TypedTime, draft: Draft) -> TypedTime:
    """The same time with what the calendar says of it."""
    if time.start is None:
        return time
    period = Period.lasting(time.start, draft.duration)
    if against := draft.busy.overlapping(period):
        return replace(time, error=describe_conflicts(against, draft.people, draft.names, draft.viewer))
    return time if time.remark else replace(time, remark=_say_outside_hours(period, draft))


def _say_outside_hours(period: Period, draft: Draft) -> str:
    """Whose working hours do not hold all of `period`; nothing where everybody's do."""
    outside = [
        person
        for person, hours in zip(draft.people, draft.hours, strict=True)
        if not any(working.contains(period) for working in merge(working_periods(hours, period)))
    ]
    if not outside:
        return ""
    if len(draft.people) == 1:
        return OUTSIDE_HOURS
    if len(outside) == len(draft.people):
        return OUTSIDE_ALL_HOURS
    names = say_names("you" if person == draft.viewer else person.name for person in outside)
    return f"Outside working hours for {names}."


def _texts(draft: Draft) -> list[str]:
    return [time.text for time in draft.times]


def _can_be_proposed(local: datetime, zone: ZoneInfo, now: datetime) -> bool:
    try:
        return moment_at(local, zone) > now
    except LocalTimeMissing:
        return False
