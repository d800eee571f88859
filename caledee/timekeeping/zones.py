"""Local times and moments. The only place where the one becomes the other. Pure: no clock, no database.

Zones are IANA names; local times are naive datetimes; moments are aware datetimes in UTC.
"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

# Names that the database lists although they are no place's time.
NOT_ZONES = frozenset({"localtime", "Factory", "posixrules"})


class LocalTimeMissing(ValueError):
    """The clocks skip this local time in this zone: it names no moment."""


@cache
def zone_names() -> frozenset[str]:
    """Every name that is accepted, aliases such as Asia/Calcutta included."""
    return frozenset(zoneinfo.available_timezones() - NOT_ZONES)


def is_zone_name(name: str) -> bool:
    return name in zone_names()


def moment_at(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which clocks in `zone` show `local` (naive), seconds included.

    A local time that occurs twice, when clocks go back, is its first occurrence (PEP 495, fold=0).
    Raises LocalTimeMissing for one that clocks going forward skip.
    """
    aware = local.replace(tzinfo=zone, fold=0)
    offset = aware.utcoffset()
    if offset is not None and offset == aware.replace(fold=1).utcoffset():
        # As nearly always: clocks are not changed around this time, and there is nothing to be asked back.
        return (local - offset).replace(tzinfo=UTC, fold=0)
    moment = aware.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise LocalTimeMissing(f"{local:%H:%M} does not exist on {local:%-d %B %Y} in {zone.key}")
    return moment


def first_moment_from(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of that local date at which clocks in `zone` show `local` or later.

    For rules about the clock on the wall, which must mean something every day: where clocks skip `local`, it is
    the moment they jump.
    """
    try:
        return moment_at(local, zone)
    except LocalTimeMissing:
        return _jump_between(_to_utc(local, zone, fold=1), _to_utc(local, zone, fold=0), zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a local day, and the first of the next: 23, 24 or 25 hours later, as a rule."""
    midnight = datetime.combine(day, time.min)
    return first_moment_from(midnight, zone), first_moment_from(midnight + timedelta(days=1), zone)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` show at `moment`, naive."""
    return moment.astimezone(zone).replace(tzinfo=None)


def occurs_twice(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in `zone` show this moment's local time a second time, before or after it."""
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _to_utc(local: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two others, at most a day apart, at which the zone's offset changes; whole seconds."""
    offset_before = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset_before:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)
