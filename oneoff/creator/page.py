"""What the creator's page shows of a draft: rows of plain words, formatted beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import present_clock, present_week_start, say_clock
from caledee.timekeeping.wording import say_count, say_names, say_zone
from caledee.timekeeping.zones import day_bounds, local_time
from caledee.web.clock_fields import say_typed
from caledee.web.day_strip import DayStrip, StripKind, day_strip
from caledee.web.month_grid import MonthGrid, full_date, month_grid
from oneoff.creator.draft import Draft
from oneoff.creator.times import TypedTime
from oneoff.models import FURTHEST_PROPOSED_TIME
from scheduling.models import BusyKind, BusyTime
from scheduling.pages.week import Known, strip_times

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One proposed time: `value` keeps its day, `clock` is what can be changed, `name` what it is called."""

    index: str
    value: str
    clock: str
    name: str
    ends: str
    error: str
    remark: str
    has_focus: bool


@dataclass(frozen=True, slots=True)
class DayRow:
    value: str
    heading: str
    times: Sequence[TimeRow]
    strip: DayStrip
    others: "Sequence[CohostStrip]"
    has_focus: bool


@dataclass(frozen=True, slots=True)
class CohostStrip:
    """The same day of somebody who is to be there, too, drawn by the organizer's clock."""

    name: str
    strip: DayStrip


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the page is not part of the meeting: the month in view, the day picked last, where the focus goes, and
    why a step changed nothing."""

    month: date
    last_day: date | None = None
    announcement: str = ""
    focus: str = ""
    problem: str = ""


def first_and_last_day(organizer: User, now: datetime) -> tuple[date, date]:
    """The local days between which any time of the day can be proposed, as long as it lies ahead."""
    today = local_time(now, organizer.zone).date()
    return today, today + FURTHEST_PROPOSED_TIME - timedelta(days=1)


def times_context(draft: Draft, shown: Shown, *, hold_times: bool, is_submitted: bool) -> dict[str, Any]:
    """Context of the part of the page that changes with each step."""
    return {
        "grid": _grid(draft, shown),
        "days": [_day_row(day, draft, shown) for day in draft.days],
        "unreadable": [_time_row(time, draft, shown) for time in draft.times if time.day is None],
        "problem": shown.problem or (draft.problem if is_submitted or draft.times else ""),
        "zone": say_zone(draft.zone),
        "organizer_name": "You" if draft.organizer == draft.viewer else draft.organizer.name,
        "whose_times": _say_whose_times(draft),
        "hold_times": hold_times,
        "clock": present_clock(),
        "summary": summarize(draft, hold_times=hold_times),
        "shown": shown,
    }


def summarize(draft: Draft, *, hold_times: bool) -> str:
    """Such as "6 times on 3 days, London, to be held until booked". Times that are refused do not count."""
    good = [time for time in draft.times if not time.error]
    if not good:
        return ""
    times, days = say_count(len(good), "time"), say_count(len({time.day for time in good}), "day")
    return f"{times} on {days}, {say_zone(draft.zone)}, {'to be held until booked' if hold_times else 'not held'}"


def _say_whose_times(draft: Draft) -> str:
    """`Your times, in Europe/London, when Grace Hopper is free, too`."""
    organizer, *cohosts = draft.people
    whose = "Your" if organizer == draft.viewer else f"{organizer.name}’s"
    zone = f"{whose} times, in {say_zone(draft.zone)}"
    if not cohosts:
        return zone
    if len(cohosts) > MOST_NAMED:
        return f"{zone}, when the {len(cohosts)} others are free, too"
    names = say_names("you" if person == draft.viewer else person.name for person in cohosts)
    verb = "are" if len(cohosts) > 1 or cohosts[0] == draft.viewer else "is"
    return f"{zone}, when {names} {verb} free, too"


def _grid(draft: Draft, shown: Shown) -> MonthGrid:
    first, last = first_and_last_day(draft.organizer, draft.now)
    return month_grid(
        shown.month,
        field="toggle_day",
        today=first,
        is_open=lambda _day: True,
        picked=draft.days,
        earliest=first,
        latest=last,
        first_weekday=present_week_start(),
    )


def _day_row(day: date, draft: Draft, shown: Shown) -> DayRow:
    own, *others = [day_strip(strip_times(day, draft.zone, _known(day, person, draft))) for person in draft.people]
    return DayRow(
        value=day.isoformat(),
        heading=full_date(day),
        times=[_time_row(time, draft, shown) for time in draft.times_on(day)],
        strip=own,
        others=[
            CohostStrip("You" if person == draft.viewer else person.name, strip)
            for person, strip in zip(draft.people[1:], others, strict=True)
        ],
        has_focus=shown.focus == f"add-{day}",
    )


def _time_row(time: TypedTime, draft: Draft, shown: Shown) -> TimeRow:
    ends = local_time(time.start + draft.duration, draft.zone) if time.start else None
    return TimeRow(
        index=str(time.index),
        value=time.text,
        clock=say_typed(time.text.partition("T")[2]),
        name=say_clock(time.local.time()) if time.local else "",
        ends=say_clock(ends.time()) if ends else "",
        error=time.error,
        remark=time.remark,
        has_focus=time.text == shown.focus,
    )


def _known(day: date, person: User, draft: Draft) -> list[Known]:
    hours = draft.hours[draft.people.index(person)]
    rows = draft.busy.overlapping(Period(*day_bounds(day, draft.zone)), person)
    working = [Known("working", period) for period in draft.working_on(day, hours)]
    busy = [Known(_strip_kind(row, draft), row.period, draft.names.get(row.claim, "")) for row in rows]
    return [*working, *busy]


def _strip_kind(row: BusyTime, draft: Draft) -> StripKind:
    if row.claim not in draft.names:
        return "busy"
    return "held" if row.kind == BusyKind.HOLD else "booked"
