"""Convert between local times and moments: no other module does. Pure functions: no clock, no database.

Zones are IANA names, local times are naive datetimes, moments are aware datetimes in UTC.
"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

# The zone database lists these, but no place uses them.
NOT_ZONES = frozenset({"localtime", "Factory", "posixrules"})


class LocalTimeMissing(ValueError):
    """Clocks in this zone skip this local time, so it names no moment."""


@cache
def zone_names() -> frozenset[str]:
    """Return all accepted names, including aliases such as Asia/Calcutta."""
    return frozenset(zoneinfo.available_timezones() - NOT_ZONES)


def is_zone_name(name: str) -> bool:
    return name in zone_names()


def moment_at(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, when clocks in `zone` show `local` (naive, to the second).

    A local time that occurs twice, when clocks go back, is its first occurrence (PEP 495, fold=0). Raises
    LocalTimeMissing for one that is skipped when clocks go forward.
    """
    aware = local.replace(tzinfo=zone, fold=0)
    offset = aware.utcoffset()
    if offset is not None and offset == aware.replace(fold=1).utcoffset():
        # The common case: no clock change nearby, so the round trip can be skipped.
        return (local - offset).replace(tzinfo=UTC, fold=0)
    moment = aware.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise LocalTimeMissing(f"{local} does not exist in {zone.key}")
    return moment


def first_moment_from(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment of the local date when clocks in `zone` show `local` (naive) or later, in UTC.

    For rules about wall-clock time, which must apply every day: if clocks skip `local`, it is the moment they jump.
    """
    try:
        return moment_at(local, zone)
    except LocalTimeMissing:
        return _jump_between(_to_utc(local, zone, fold=1), _to_utc(local, zone, fold=0), zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moments, in UTC, of a local day and the next: usually 23, 24 or 25 hours apart."""
    midnight = datetime.combine(day, time.min)
    return first_moment_from(midnight, zone), first_moment_from(midnight + timedelta(days=1), zone)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the local time in `zone` at `moment`, naive."""
    return moment.astimezone(zone).replace(tzinfo=None)


def occurs_twice(moment: datetime, zone: ZoneInfo) -> bool:
    """Return whether clocks in `zone` show this local time twice."""
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _to_utc(local: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, to the second, between two others at most a day apart when the zone's offset changes."""
    offset_before = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset_before:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)
