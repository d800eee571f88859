"""One VEVENT, with its times on a clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.clock import Clock, to_local, to_moment
from scheduling.calendars.ics.counting import Standing, travel_before
from scheduling.calendars.ics.scanner import Component
from scheduling.calendars.ics.values import (
    Broken,
    Length,
    Span,
    Stamp,
    parse_duration,
    spans_of,
    split_times,
    stamp_of,
    stamps_of,
    value_of,
)

DAY = timedelta(days=1)
NOTHING = timedelta(0)
MOST_SWAPPED = DAY


@dataclass(frozen=True, slots=True)
class Event:
    """An event, and for a series its first occurrence.

    Local times are naive, in `zone`, and midnights if `is_whole_days`. `length` is negative if the event ends before
    it starts. `replaces` says which occurrence of the series with the same UID this event takes the place of, and with
    `changes_future` also all later ones.
    """

    clock: Clock
    standing: Standing
    sequence: int
    start: datetime
    zone: tzinfo
    is_whole_days: bool
    length: Length
    travel: timedelta
    replaces: Stamp | None
    changes_future: bool
    rules: tuple[str, ...]
    excluding_rules: tuple[str, ...]
    excluded: tuple[Stamp, ...]
    dates: tuple[Stamp | Span, ...]

    @property
    def ends_before_start(self) -> bool:
        return self.length.about < NOTHING

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.dates) and self.replaces is None

    def moment_at(self, local: datetime) -> datetime:
        return self.clock.start_of_day(local) if self.is_whole_days else to_moment(local, self.zone)

    def period_at(self, local: datetime, length: Length) -> Period | None:
        """Return when an occurrence takes place, or None if it takes no time or ends long before it starts."""
        if length.about < -MOST_SWAPPED:
            return None
        try:
            end = self.moment_at(local + timedelta(days=length.days)) + length.exact
        except OverflowError:
            end = self.moment_at(datetime.max)  # noqa: DTZ901
        start = self.moment_at(local)
        return None if start == end else Period(min(start, end), max(start, end))

    def added(self) -> dict[datetime, Length]:
        """The starts and lengths of occurrences besides those of rules."""
        return dict(self._addition(date) for date in self.dates)

    def _addition(self, date: Stamp | Span) -> tuple[datetime, Length]:
        if isinstance(date, Stamp):
            return self.local_of(date), self.length
        if isinstance(date.end, Length):
            return self.local_of(date.start), date.end
        exact = self.clock.moment_of(date.end, self.zone) - self.clock.moment_of(date.start, self.zone)
        return self.local_of(date.start), Length(_whole_days(exact)) if self.is_whole_days else Length(exact=exact)

    def local_of(self, stamp: Stamp) -> datetime:
        """A date or time on the clock of this event. A date means the occurrence that starts on that day."""
        if self.is_whole_days:
            return midnight(stamp.local)
        if stamp.is_date:
            return stamp.local + (self.start - midnight(self.start))
        zone = self.clock.zone_of(stamp, self.zone)
        return stamp.local if zone is self.zone else to_local(to_moment(stamp.local, zone), self.zone)


def midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def read_event(component: Component, clock: Clock, standing: Standing) -> Event:
    """Raises Broken."""
    replaces = component.first("RECURRENCE-ID")
    # Some programs leave the start out where an occurrence is cancelled.
    start_line = component.first("DTSTART") or (replaces if standing is Standing.FREE else None)
    if start_line is None:
        raise Broken("DTSTART")
    start = stamp_of(start_line)
    end = stamp_of(end_line) if (end_line := component.first("DTEND")) else None
    is_whole_days = start.is_date and (end is None or end.is_date)
    zone = clock.owner_zone if start.is_date else clock.zone_of(start)
    duration = component.first("DURATION")
    return Event(
        clock=clock,
        standing=standing,
        sequence=_sequence(component),
        start=start.local,
        zone=zone,
        is_whole_days=is_whole_days,
        length=_length(start, end, parse_duration(value_of(duration)) if duration else None, zone, clock),
        travel=NOTHING if is_whole_days else travel_before(component),
        replaces=stamp_of(replaces) if replaces else None,
        changes_future=replaces is not None and split_times(replaces)[0].get("RANGE", "").upper() == "THISANDFUTURE",
        rules=tuple(value_of(line) for line in component.all("RRULE")),
        excluding_rules=tuple(value_of(line) for line in component.all("EXRULE")),
        excluded=tuple(stamp for line in component.all("EXDATE") for stamp in stamps_of(line)),
        dates=tuple(date for line in component.all("RDATE") for date in spans_of(line)),
    )


def _sequence(component: Component) -> int:
    text = value_of(component.first("SEQUENCE"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _length(start: Stamp, end: Stamp | None, duration: Length | None, zone: tzinfo, clock: Clock) -> Length:
    if start.is_date and (end is None or end.is_date):
        if end is not None:
            return Length((end.local - start.local).days or 1)
        return Length(_whole_days(duration.about) or 1) if duration else Length(1)
    if end is not None:
        zone_of_end = zone if end.is_date else clock.zone_of(end, zone)
        return Length(exact=to_moment(end.local, zone_of_end) - to_moment(start.local, zone))
    return duration or Length()


def _whole_days(duration: timedelta) -> int:
    """The days that a duration touches, towards its end."""
    return -(-duration // DAY) if duration > NOTHING else duration // DAY
