"""Wording of dates, times, zones, durations, counts, lists and places, shared by emails and pages.

No database. Moments are aware datetimes, zones are IANA zones. Times of day use the clock of the current reader
(caledee.timekeeping.reader).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.email.text import one_line
from caledee.locations import LocationKind
from caledee.places.names import name_of_zone
from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import say_clock

ONE_MINUTE = timedelta(minutes=1)
LONGEST_IN_MINUTES = 120


def say_day(day: date) -> str:
    """Format a date: `Tuesday 1 December 2026`."""
    return f"{day:%A} {day.day} {say_month(day)}"


def say_date(moment: datetime, zone: ZoneInfo) -> str:
    """Format the date in `zone` without its weekday: `1 December 2026`."""
    day = moment.astimezone(zone).date()
    return f"{day.day} {say_month(day)}"


def say_month(day: date) -> str:
    """Format a month: `December 2026`."""
    return f"{day:%B} {day.year}"


def say_time(moment: datetime, zone: ZoneInfo) -> str:
    """Format the local time in `zone`: `09:00`, or `9:00 am`."""
    return say_clock(moment.astimezone(zone).time())


def say_time_span(period: Period, zone: ZoneInfo) -> str:
    """Format a period without its first day: `09:00 to 09:30 (London, GMT)`.

    Names the last day if it is another one. If the clocks change in between, each time has its own abbreviation, which
    tells the two occurrences of an hour apart: `01:30 BST to 01:00 GMT (London)`.
    """
    start, end = say_time(period.start, zone), say_time(period.end, zone)
    zone_words = say_zone(zone, period.start)
    if _offset_changes(period, zone):
        start, end = f"{start} {say_offset(period.start, zone)}", f"{end} {say_offset(period.end, zone)}"
        zone_words = say_zone(zone)
    end_day = period.end.astimezone(zone).date()
    if end_day != period.start.astimezone(zone).date():
        end = f"{end} on {say_day(end_day)}"
    return f"{start} to {end} ({zone_words})"


def say_when(period: Period, zone: ZoneInfo) -> str:
    """Format a period: `Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)`."""
    return f"{say_day(period.start.astimezone(zone).date())}, {say_time_span(period, zone)}"


def say_start(moment: datetime, zone: ZoneInfo) -> str:
    """Format a start briefly, for subjects: `Tuesday 1 December 2026, 09:00 GMT`."""
    return f"{say_day(moment.astimezone(zone).date())}, {say_time(moment, zone)} {say_offset(moment, zone)}"


def say_moment(moment: datetime, zone: ZoneInfo) -> str:
    """Format a moment with its city: `Tuesday 1 December 2026, 18:00 (Paris)`."""
    return f"{say_day(moment.astimezone(zone).date())}, {say_time(moment, zone)} ({say_zone(zone)})"


def say_zone(zone: ZoneInfo, moment: datetime | None = None) -> str:
    """Format a zone: `London`, or `London, GMT` with its abbreviation at `moment`."""
    name = name_of_zone(zone.key)
    if moment is None or say_offset(moment, zone) == name:
        return name
    return f"{name}, {say_offset(moment, zone)}"


def say_offset(moment: datetime, zone: ZoneInfo) -> str:
    """Return the zone's abbreviation at `moment`: `GMT`, or `UTC+5:45` if it has none."""
    local = moment.astimezone(zone)
    abbreviation = local.tzname() or ""
    if abbreviation.isalpha():
        return abbreviation
    minutes = (local.utcoffset() or timedelta()) // ONE_MINUTE
    hours, minutes, sign = abs(minutes) // 60, abs(minutes) % 60, "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}:{minutes:02}" if minutes else f"UTC{sign}{hours}" if hours else "UTC"


def say_utc(moment: datetime) -> str:
    """`2026-12-01 09:00 UTC`, for operators."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def say_duration(duration: timedelta) -> str:
    """Format a duration: `30 minutes`, `1 hour`, `1 hour 30 minutes`."""
    hours, minutes = divmod(duration // ONE_MINUTE, 60)
    parts = [say_count(hours, "hour")] if hours else []
    if minutes or not hours:
        parts.append(say_count(minutes, "minute"))
    return " ".join(parts)


def say_count(number: int, noun: str) -> str:
    """Format a counted noun: `1 time`, `2 times`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say_wait(seconds: int) -> str:
    """Format a wait, rounded up: `1 minute`, `90 minutes`, `5 hours`."""
    minutes = -(-seconds // 60)
    if minutes > LONGEST_IN_MINUTES:
        return say_count(-(-minutes // 60), "hour")
    return say_count(minutes, "minute")


def say_names(names: Iterable[str], conjunction: str = "and") -> str:
    """Format a list: `Ada Lovelace`, `Ada Lovelace and Grace Hopper`, `Ada Lovelace, Grace Hopper and Alan Turing`."""
    *others, last = [one_line(name) for name in names]
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def say_location(kind: str, detail: str, organizer_name: str) -> str:
    """Format a location on one line. `detail` can be empty if it is unknown or not shared yet."""
    detail = one_line(detail)
    match kind:
        case LocationKind.VIDEO:
            return f"Video call: {detail}" if detail else f"Video call – {one_line(organizer_name)} will send the link"
        case LocationKind.PHONE:
            return f"Phone call: {detail}" if detail else "Phone call"
        case LocationKind.ADDRESS:
            return detail or "In person"
    return detail or "Chosen by the invitee"


def clocks_differ(period: Period, zone: ZoneInfo, other: ZoneInfo) -> bool:
    """Return whether the clocks of the two zones differ when the period starts or ends."""
    return any(
        moment.astimezone(zone).utcoffset() != moment.astimezone(other).utcoffset()
        for moment in (period.start, period.end)
    )


def _offset_changes(period: Period, zone: ZoneInfo) -> bool:
    return period.start.astimezone(zone).utcoffset() != period.end.astimezone(zone).utcoffset()
