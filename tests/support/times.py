"""Moments and periods for the tests, written as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from caledee.timekeeping.zones import moment_at

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")

# A Monday morning, before anyone's working hours in London. Tests that pass `now` pass this or a moment after it.
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """Return the moment at which clocks in `zone` show `text`, such as `2026-12-01 09:00`."""
    return moment_at(datetime.fromisoformat(text), zone)


def between(start: str, end: str, zone: ZoneInfo = LONDON) -> Period:
    return Period(at(start, zone), at(end, zone))
