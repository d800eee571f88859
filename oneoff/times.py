"""The local times that a creator's form proposes, read one by one. Pure: text, zone and `now` in, verdicts out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.forms import parse_local_time
from caledee.zones import LocalTimeMissing, local_time, moment_at, occurs_twice
from oneoff.models import FURTHEST_PROPOSED_TIME

# Wider than what may be proposed, and narrow enough that no arithmetic on it leaves the calendar.
READABLE = timedelta(days=800)

UNREADABLE_WORDS = "Enter a date and time, such as 2026-12-01T09:00."
TOO_FAR = f"Choose a time within the next {FURTHEST_PROPOSED_TIME.days} days."


@dataclass(frozen=True, slots=True)
class TypedTime:
    """One proposed time as it was typed, and what came of it.

    `index` is its place among those sent. `local` is naive, in the organizer's zone; `start` is the moment, None while
    there is none. `error` keeps it from being offered; `remark` is only good to know.
    """

    index: int
    text: str
    local: datetime | None = None
    start: datetime | None = None
    error: str = ""
    remark: str = ""

    @property
    def day(self) -> date | None:
        return self.local.date() if self.local else None


def read_times(texts: Iterable[str], zone: ZoneInfo, *, now: datetime) -> list[TypedTime]:
    """Each typed time with its moment or what is wrong with it, in the order of typing. Empty ones are passed over."""
    seen: set[datetime] = set()
    times = []
    for index, text in enumerate(texts):
        if not text.strip():
            continue
        time = _read_time(index, text.strip(), zone, now)
        if time.start is not None and time.start in seen:
            time = TypedTime(index, time.text, time.local, error="This time is here twice.")
        if time.start is not None:
            seen.add(time.start)
        times.append(time)
    return times


def format_local(local: datetime) -> str:
    """As `<input type="datetime-local">` wants it."""
    return f"{local:%Y-%m-%dT%H:%M}"


def _read_time(index: int, text: str, zone: ZoneInfo, now: datetime) -> TypedTime:
    local = parse_local_time(text)
    if local is None or abs(local - local_time(now, zone)) > READABLE:
        return TypedTime(index, text[:40], error=TOO_FAR if local else UNREADABLE_WORDS)
    try:
        start = moment_at(local, zone)
    except LocalTimeMissing:
        return TypedTime(index, text, local, error=f"{local:%H:%M} does not exist on this day: the clocks go forward.")
    if start <= now:
        return TypedTime(index, text, local, error="This time is in the past.")
    if start > now + FURTHEST_PROPOSED_TIME:
        return TypedTime(index, text, local, error=TOO_FAR)
    remark = (
        f"Comes twice on this day; this is the first, {start.astimezone(zone):%Z}."
        if occurs_twice(start, zone)
        else ""
    )
    return TypedTime(index, text, local, start, remark=remark)
