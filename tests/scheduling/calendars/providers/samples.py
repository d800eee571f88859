"""A person, a window and calendar text for the tests of providers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from scheduling.calendars.reading import Owner

OWNER = Owner(ZoneInfo("Europe/London"))
WINDOW = Period(datetime(2026, 12, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
# For answers that come: long, because the machine can be busy.
PATIENCE = timedelta(seconds=60)
STAMP = "%Y%m%dT%H%M%SZ"


def at(hour: int, *, day: int = 2) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def period(start: int, end: int, *, day: int = 2) -> Period:
    return Period(at(start, day=day), at(end, day=day))


def event(uid: str, start: datetime, end: datetime, *more: str) -> str:
    return "\r\n".join(
        [
            *["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261130T120000Z", f"DTSTART:{start:{STAMP}}"],
            *[f"DTEND:{end:{STAMP}}", "SUMMARY:Secret plans", *more, "END:VEVENT", ""],
        ]
    )


def calendar_of(*events: str, name: str = "") -> bytes:
    named = f"X-WR-CALNAME:{name}\r\n" if name else ""
    start = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n{named}"
    return f"{start}{''.join(events)}END:VCALENDAR\r\n".encode()
