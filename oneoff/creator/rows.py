"""The picked days and their times, as rows for `parts/proposed-times.jinja`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import say_clock
from caledee.timekeeping.wording import say_day
from caledee.timekeeping.zones import day_bounds, local_time
from caledee.web.clock_fields import say_typed
from caledee.web.day_strip import DayStrip, day_strip
from oneoff.creator.draft import Draft
from oneoff.creator.times import TypedTime
from scheduling.availability.taken import Taken, TakenKind
from scheduling.pages.week import Known, strip_times


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One proposed time: `value` keeps its day, `clock` can be edited, `name` is for screen readers."""

    index: str
    value: str
    clock: str
    name: str
    ends: str
    error: str
    remark: str
    has_focus: bool


@dataclass(frozen=True, slots=True)
class CohostStrip:
    """A cohost's day, on the organizer's clock."""

    name: str
    strip: DayStrip


@dataclass(frozen=True, slots=True)
class DayRow:
    value: str
    heading: str
    times: Sequence[TimeRow]
    strip: DayStrip
    others: Sequence[CohostStrip]
    has_focus: bool


def day_rows(draft: Draft, focus: str) -> list[DayRow]:
    """Return a row for each day. `focus` is the text of a time, or `add-` and a day."""
    return [_day_row(day, draft, focus) for day in draft.days]


def unreadable_rows(draft: Draft) -> list[TimeRow]:
    """Return the times whose day can't be read."""
    return [_time_row(time, draft, "") for time in draft.times_on(None)]


def _day_row(day: date, draft: Draft, focus: str) -> DayRow:
    own, *others = [day_strip(strip_times(day, draft.zone, _known(day, person, draft))) for person in draft.people]
    return DayRow(
        value=day.isoformat(),
        heading=say_day(day),
        times=[_time_row(time, draft, focus) for time in draft.times_on(day)],
        strip=own,
        others=[
            CohostStrip("You" if person == draft.viewer else person.name, strip)
            for person, strip in zip(draft.people[1:], others, strict=True)
        ],
        has_focus=focus == f"add-{day}",
    )


def _time_row(time: TypedTime, draft: Draft, focus: str) -> TimeRow:
    ends = local_time(time.start + draft.duration, draft.zone) if time.start else None
    return TimeRow(
        index=str(time.index),
        value=time.text,
        clock=say_typed(time.text.partition("T")[2]),
        name=say_clock(time.local.time()) if time.local else "",
        ends=say_clock(ends.time()) if ends else "",
        error=time.error,
        remark=time.remark,
        has_focus=time.text == focus,
    )


def _known(day: date, person: User, draft: Draft) -> list[Known]:
    hours = draft.hours[draft.people.index(person)]
    on_day = draft.taken.overlapping(Period(*day_bounds(day, draft.zone)))
    working = [Known("working", period) for period in draft.working_on(day, hours)]
    taken = [each for each in on_day if each.person == person.pk and each.kind is not TakenKind.UNKNOWN]
    return [*working, *(_known_taken(each, draft) for each in taken)]


def _known_taken(taken: Taken, draft: Draft) -> Known:
    if taken.kind is TakenKind.OUTSIDE and taken.person == draft.viewer.pk:
        return Known("busy", taken.period, taken.source)
    name = draft.names.get(taken.claim) if taken.claim else None
    if name is None:
        return Known("busy", taken.period)
    return Known("held" if taken.kind is TakenKind.HOLD else "booked", taken.period, name)
