"""The local times that a creator's form proposes, read one by one. Text, zone and `now` in, verdicts out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from caledee.timekeeping.reader import say_clock
from caledee.timekeeping.zones import LocalTimeMissing, local_time, moment_at, occurs_twice
from caledee.web.clock_fields import NO_TIME, UNREADABLE, plain_clock
from caledee.web.forms import parse_local_time
from oneoff.models import FURTHEST_PROPOSED_TIME

# Wider than what may be proposed, and narrow enough that no arithmetic on it leaves the calendar.
READABLE = timedelta(days=800)
DAY_AND_REST = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})T(.*)", re.ASCII)

NO_CLOCK = "Enter a time, or remove it."
TOO_FAR = f"Choose a time within the next {FURTHEST_PROPOSED_TIME.days} days."
IN_THE_PAST = "This time is in the past."
TWICE_HERE = "This time is here twice."


@dataclass(frozen=True, slots=True)
class TypedTime:
    """One proposed time as it was typed, and what came of it.

    `index` is its place among the times, in the order in which the page shows them. `day` and `local` are in the
    organizer's zone, `local` naive; `start` is the moment. Each is None as far as the text does not say it. An `error`
    keeps the time from being offered; a `remark` is only good to know.
    """

    index: int
    text: str
    day: date | None = None
    local: datetime | None = None
    start: datetime | None = None
    error: str = ""
    remark: str = ""


def join_clocks(texts: Sequence[str], clocks: Sequence[str]) -> list[str]:
    """The times that a page's rows mean: each text with the time of day that its row's clock field shows now.

    A row's `times` is hidden and keeps the day; what a person changes is the clock beside it. A script that sends
    whole times sends no clocks.
    """
    if not clocks:
        return list(texts)
    return [_join_clock(text, clock) for text, clock in zip_longest(texts, clocks[: len(texts)])]


def read_times(texts: Iterable[str], zone: ZoneInfo, *, now: datetime) -> list[TypedTime]:
    """Each typed time with its moment or what is wrong with it: in order of time, and last what cannot be read."""
    in_order = sorted((text.strip() for text in texts), key=lambda text: (_day_of(text) is None, text))
    seen: set[datetime] = set()
    times = []
    for index, text in enumerate(in_order):
        time = _read_time(index, text, zone, now)
        if time.start in seen:
            time = TypedTime(index, time.text, time.day, time.local, error=TWICE_HERE)
        elif time.start is not None:
            seen.add(time.start)
        times.append(time)
    return times


def format_local(local: datetime) -> str:
    """As a form sends it: `2026-12-01T09:00`."""
    return f"{local:%Y-%m-%dT%H:%M}"


def _read_time(index: int, text: str, zone: ZoneInfo, now: datetime) -> TypedTime:
    day = _day_of(text)
    if day is None:
        return TypedTime(index, text[:40], error=UNREADABLE)
    local = parse_local_time(text)
    if local is None:
        return TypedTime(index, text[:40], day, error=NO_TIME if text.partition("T")[2].strip() else NO_CLOCK)
    if abs(local - local_time(now, zone)) > READABLE:
        return TypedTime(index, text, day, local, error=TOO_FAR if local.date() > now.date() else IN_THE_PAST)
    try:
        start = moment_at(local, zone)
    except LocalTimeMissing:
        error = f"{say_clock(local.time())} does not exist on this day: the clocks go forward."
        return TypedTime(index, text, day, local, error=error)
    if start <= now:
        return TypedTime(index, text, day, local, error=IN_THE_PAST)
    if start > now + FURTHEST_PROPOSED_TIME:
        return TypedTime(index, text, day, local, error=TOO_FAR)
    remark = f"Comes twice on this day; this is the first, {start.astimezone(zone):%Z}."
    return TypedTime(index, text, day, local, start, remark=remark if occurs_twice(start, zone) else "")


def _day_of(text: str) -> date | None:
    match = DAY_AND_REST.fullmatch(text)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _join_clock(text: str, clock: str | None) -> str:
    match = DAY_AND_REST.fullmatch(text)
    if match is None or clock is None:
        return text
    return f"{match[1]}T{plain_clock(clock.strip())}"
