"""The times proposed so far for a one-off meeting, compared with the calendars of everyone who attends.

A draft is never stored: each request makes it from what the form sends. Local times are in the organizer's zone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period, merge
from caledee.timekeeping.zones import LocalTimeMissing, day_bounds, local_time, moment_at
from oneoff.conflicts import Names, describe_calendars, describe_conflicts, names_known_to
from oneoff.creator.suggestions import suggest_start
from oneoff.creator.times import TypedTime, format_local, read_times
from oneoff.creator.wording import NONE_YET, TOO_MANY, say_outside_hours
from oneoff.models import MOST_PROPOSED_TIMES
from scheduling.availability.overlaps import ByDay
from scheduling.availability.slots import WorkingHours, read_working_hours, working_periods
from scheduling.availability.taken import Taken, TakenKind, read_taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The proposed times of `people`, the organizer first, with what `viewer` is allowed to see of their calendars.

    `hours` are the working hours of each person, in the order of `people`.
    """

    people: Sequence[User]
    viewer: User
    duration: timedelta
    now: datetime
    times: list[TypedTime]
    hours: Sequence[WorkingHours]
    taken: ByDay[Taken]
    names: Names

    @property
    def organizer(self) -> User:
        return self.people[0]

    @property
    def zone(self) -> ZoneInfo:
        return self.organizer.zone

    @property
    def texts(self) -> list[str]:
        return [time.text for time in self.times]

    @property
    def days(self) -> list[date]:
        """Return the local days that have a time, in order."""
        return _days(self.times)

    @property
    def starts(self) -> list[datetime]:
        return [time.start for time in self.times if time.start]

    @property
    def problem(self) -> str:
        """Return what is wrong with the times as a whole. Errors of single times are shown next to them."""
        if not self.times:
            return NONE_YET
        return TOO_MANY if len(self.times) > MOST_PROPOSED_TIMES else ""

    @property
    def has_errors(self) -> bool:
        return bool(self.problem) or any(time.error for time in self.times)

    @property
    def is_only_taken(self) -> bool:
        """Return whether every time is well formed. Any error is then about a time that is taken."""
        return not self.problem and all(time.start for time in self.times)

    def times_on(self, day: date | None) -> list[TypedTime]:
        return [time for time in self.times if time.day == day]

    def working_on(self, day: date, hours: WorkingHours) -> list[Period]:
        """Return the periods of `hours` within a local day of the organizer."""
        return working_periods(hours, Period(*day_bounds(day, self.zone)))

    def checked(self, texts: Sequence[str] | None = None) -> Self:
        """Return the draft with the errors and remarks of each time. Makes no queries.

        `texts` replace the times. They must be on days that the draft was read for.
        """
        times = self.times if texts is None else _read_times(texts, self.zone, self.now)
        return replace(self, times=[self._check(time) for time in times])

    def with_day(self, day: date, *, like: date | None) -> list[str]:
        """Return the texts with times on `day` added: the same as on the day `like`, otherwise the first free one."""
        pattern = [time.local.time() for time in self.times_on(like) if time.local] if like else []
        copied = [
            format_local(local) for clock in pattern if self._can_be_proposed(local := datetime.combine(day, clock))
        ]
        return [*self.texts, *copied] if copied else self.with_time_on(day)

    def with_time_on(self, day: date) -> list[str]:
        """Return the texts with the next free time on `day` added, if it has one. It comes after those already there
        unless only earlier ones are free."""
        proposed = [Period.lasting(time.start, self.duration) for time in self.times if time.start]
        on_day = [time.start for time in self.times_on(day) if time.start]
        bounds = Period(*day_bounds(day, self.zone))
        # A meeting only has to start on the day. It can continue past midnight.
        nearby = self.taken.overlapping(Period(bounds.start, bounds.end + self.duration))
        known = [each.period for each in nearby if each.kind is not TakenKind.UNKNOWN]
        taken = [*known, *proposed]
        after = max(on_day) + self.duration if on_day else None
        start = suggest_start(day, self.zone, self.hours, taken, self.duration, now=self.now, after=after)
        if start is None and after:
            start = suggest_start(day, self.zone, self.hours, taken, self.duration, now=self.now)
        return [*self.texts, format_local(local_time(start, self.zone))] if start else self.texts

    def with_copies_of(self, day: date) -> list[str]:
        """Return the texts with the times of `day` copied to all other picked days. Stops just past the limit."""
        known = {time.local for time in self.times}
        clocks = dict.fromkeys(time.local.time() for time in self.times_on(day) if time.local)
        missing = (
            format_local(local)
            for other in self.days
            for clock in clocks
            if (local := datetime.combine(other, clock)) not in known and self._can_be_proposed(local)
        )
        return [*self.texts, *islice(missing, MOST_PROPOSED_TIMES + 1)]

    def without_day(self, day: date) -> list[str]:
        return [time.text for time in self.times if time.day != day]

    def without_time(self, index: int) -> list[str]:
        return [time.text for time in self.times if time.index != index]

    def _can_be_proposed(self, local: datetime) -> bool:
        try:
            return moment_at(local, self.zone) > self.now
        except LocalTimeMissing:
            return False

    def _check(self, time: TypedTime) -> TypedTime:
        """Return the time with what the calendars say about it."""
        if time.start is None:
            return time
        period = Period.lasting(time.start, self.duration)
        against = self.taken.overlapping(period)
        if ours := [each for each in against if each.is_ours]:
            return replace(time, error=describe_conflicts(ours, self.people, self.names, self.viewer))
        if against:
            return replace(time, remark=describe_calendars(against, self.people, self.viewer))
        return time if time.remark else replace(time, remark=self._say_outside_hours(period))

    def _say_outside_hours(self, period: Period) -> str:
        outside = [
            person
            for person, hours in zip(self.people, self.hours, strict=True)
            if not any(working.contains(period) for working in merge(working_periods(hours, period)))
        ]
        return say_outside_hours(outside, self.people, self.viewer)


def read_draft(
    texts: Sequence[str],
    *,
    people: Sequence[User],
    viewer: User,
    duration: timedelta,
    now: datetime,
    also_days: Iterable[date] = (),
) -> Draft:
    """Read the typed times and the calendars around them, in at most six queries.

    `people` are the organizer, whose zone the times are in, and the cohosts. `also_days` are days without a time whose
    busy time is needed too. `Draft.checked` then compares the times with the calendars.
    """
    zone = people[0].zone
    prefetch_related_objects(people, "schedule__weekly_hours", "schedule__date_overrides")
    times = _read_times(texts, zone, now)
    taken: list[Taken] = []
    if days := {*_days(times), *also_days}:
        first, last = day_bounds(min(days), zone)[0], day_bounds(max(days), zone)[1]
        taken = read_taken(people, Period(first, last + duration), now=now)
    return Draft(
        people=people,
        viewer=viewer,
        duration=duration,
        now=now,
        times=times,
        hours=[read_working_hours(person) for person in people],
        taken=ByDay(taken),
        names=names_known_to(viewer, taken),
    )


def _read_times(texts: Sequence[str], zone: ZoneInfo, now: datetime) -> list[TypedTime]:
    return read_times(texts[: 2 * MOST_PROPOSED_TIMES], zone, now=now)


def _days(times: Iterable[TypedTime]) -> list[date]:
    return sorted({time.day for time in times if time.day})
