"""Turn what one calendar writes into moments."""

from datetime import UTC, datetime, tzinfo

from caledee.timekeeping.zones import first_moment_from
from scheduling.calendars.ics.scanner import Component
from scheduling.calendars.ics.values import Stamp, text_of
from scheduling.calendars.ics.zones import Zones
from scheduling.calendars.reading import Owner

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


class Clock:
    """Whole days are the owner's days. Times without a zone are in the calendar's zone, or else in the owner's.

    `met_unknown_zone` is set when a time in a zone that isn't known was read like one without a zone.
    """

    def __init__(self, calendar: Component, zones: Zones, owner: Owner) -> None:
        self.owner_zone = owner.zone
        self.met_unknown_zone = False
        self._calendar, self._zones = calendar, zones
        name = text_of(calendar.first("X-WR-TIMEZONE"))
        self._floating = (zones.find(name, calendar) if name else None) or owner.zone

    def zone_of(self, stamp: Stamp, default: tzinfo | None = None) -> tzinfo:
        """`default` is the zone of times that are written without one."""
        if stamp.is_utc:
            return UTC
        if stamp.zone_name is not None:
            found = self._zones.find(stamp.zone_name, self._calendar)
            if found is not None:
                return found
            self.met_unknown_zone = True
        return default or self._floating

    def moment_of(self, stamp: Stamp, default: tzinfo | None = None) -> datetime:
        """The moment of a time. A date is its midnight."""
        return to_moment(stamp.local, self.zone_of(stamp, default))

    def start_of_day(self, day: datetime) -> datetime:
        try:
            return first_moment_from(day, self.owner_zone)
        except OverflowError:
            return _nearest_end(day)


def to_moment(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment in UTC. A time that clocks skip is read with the offset before (RFC 5545, section 3.3.5).

    Moments outside the years 1 to 9999 are moved to their nearest end.
    """
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _nearest_end(local)


def to_local(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return _nearest_end(moment).replace(tzinfo=None)


def _nearest_end(when: datetime) -> datetime:
    return EARLIEST if when.year < 5000 else LATEST
