"""Read the local times that a creator's form proposes, one by one. Makes no queries."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from caledee.timekeeping.zones import LocalTimeMissing, local_time, moment_at, occurs_twice
from caledee.web.clock_fields import NO_TIME, UNREADABLE, plain_clock
from caledee.web.forms import parse_local_time
from oneoff.creator.wording import IN_THE_PAST, LISTED_TWICE, NO_CLOCK, TOO_FAR, say_first_of_two, say_skipped
from oneoff.models import FURTHEST_PROPOSED_TIME
from oneoff.rules import start_refusals

# More than can be proposed, but little enough that date arithmetic can't overflow.
READABLE = timedelta(days=800)
DAY_AND_REST = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})T(.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A proposed time as typed, and what was read from it.

    `index` is its position on the page. `day` and `local` (naive) are in the organizer's zone, `start` is the moment;
    what can't be read from the text is None. A time with an `error` can't be offered. A `remark` is only information.
    """

    index: int
    text: str
    day: date | None = None
    local: datetime | None = None
    start: datetime | None = None
    error: str = ""
    remark: str = ""


def join_clocks(texts: Sequence[str], clocks: Sequence[str]) -> list[str]:
    """Return each text with the time of day from the clock field in its row.

    A row keeps its day in the hidden field `times`; people edit the clock next to it. Scripts can send whole times
    and no clocks.
    """
    if not clocks:
        return list(texts)
    return [_join_clock(text, clock) for text, clock in zip_longest(texts, clocks[: len(texts)])]


def read_times(texts: Iterable[str], zone: ZoneInfo, *, now: datetime) -> list[TypedTime]:
    """Return each typed time with its moment or its error, in order of time. Unreadable ones come last."""
    in_order = sorted((text.strip() for text in texts), key=lambda text: (_day_of(text) is None, text))
    seen: set[datetime] = set()
    times = []
    for index, text in enumerate(in_order):
        time = _read_time(index, text, zone, now)
        if time.start in seen:
            time = TypedTime(index, time.text, time.day, time.local, error=LISTED_TWICE)
        elif time.start is not None:
            seen.add(time.start)
        times.append(time)
    return times


def format_local(local: datetime) -> str:
    """Return the time as forms send it: `2026-12-01T09:00`."""
    return f"{local:%Y-%m-%dT%H:%M}"


def proposable_days(zone: ZoneInfo, now: datetime) -> tuple[date, date]:
    """Return the first and last local day on which any future time of day can be proposed."""
    today = local_time(now, zone).date()
    return today, today + FURTHEST_PROPOSED_TIME - timedelta(days=1)


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
        return TypedTime(index, text, day, local, error=say_skipped(local.time()))
    for refusal in start_refusals(start, now=now):
        return TypedTime(index, text, day, local, error=refusal.sentence)
    remark = say_first_of_two(start, zone) if occurs_twice(start, zone) else ""
    return TypedTime(index, text, day, local, start, remark=remark)


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
