"""A zone that a calendar defines by itself, in a VTIMEZONE."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import takewhile

from scheduling.calendars.ics.rules import Rule, Unfollowed
from scheduling.calendars.ics.scanner import Component
from scheduling.calendars.ics.values import Broken, Span, Stamp, parse_offset, spans_of, stamp_of, value_of

MAX_CHANGES = 5_000
Years = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A change of the offset at `moment` (naive, in UTC)."""

    moment: datetime
    before: timedelta
    after: timedelta

    @property
    def first_wall(self) -> datetime:
        """When a time on the clock can be after the change, as its second occurrence."""
        return self.moment + min(self.before, self.after)

    @property
    def last_wall(self) -> datetime:
        """When every time on the clock is after the change. A time that is skipped is before it (RFC 5545)."""
        return self.moment + max(self.before, self.after)


class DefinedZone(tzinfo):
    """Offsets as defined by changes, of which there is at least one."""

    def __init__(self, changes: list[Change]) -> None:
        self._offsets = [changes[0].before, *(change.after for change in changes)]
        self._moments = [change.moment for change in changes]
        self._walls = {0: [change.last_wall for change in changes], 1: [change.first_wall for change in changes]}

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        if when is None:
            return None
        return self._offsets[bisect_right(self._walls[when.fold], when.replace(tzinfo=None))]

    def fromutc(self, when: datetime) -> datetime:
        moment = when.replace(tzinfo=None)
        offset = self._offsets[bisect_right(self._moments, moment)]
        local = (moment + offset).replace(tzinfo=self, fold=0)
        return local if local.utcoffset() == offset else local.replace(fold=1)

    def tzname(self, _when: datetime | None) -> str | None:
        return None

    def dst(self, _when: datetime | None) -> timedelta | None:
        return None


@dataclass(frozen=True, slots=True)
class Observance:
    start: Stamp
    before: timedelta
    after: timedelta
    rules: tuple[str, ...]
    dates: tuple[Stamp, ...]


def defined_zone(definition: Component, years: Years) -> tzinfo | None:
    """Return the zone, exact within these years, or None if its definition can't be used."""
    try:
        observances = tuple(_observance(part) for part in definition.parts_of("STANDARD", "DAYLIGHT"))
        return _zone_of(observances, years)
    except (Broken, Unfollowed):
        return None


@lru_cache(maxsize=256)
def _zone_of(observances: tuple[Observance, ...], years: Years) -> DefinedZone | None:
    """The objects of a CalDAV collection usually all define the same few zones."""
    changes = sorted({change for observance in observances for change in _changes(observance, years)})
    return DefinedZone(changes) if 0 < len(changes) <= MAX_CHANGES else None


def _observance(part: Component) -> Observance:
    start = part.first("DTSTART")
    if start is None:
        raise Broken(part.kind)
    dates = (date.start if isinstance(date, Span) else date for line in part.all("RDATE") for date in spans_of(line))
    return Observance(
        stamp_of(start),
        parse_offset(value_of(part.first("TZOFFSETFROM"))),
        parse_offset(value_of(part.first("TZOFFSETTO"))),
        tuple(value_of(line) for line in part.all("RRULE")),
        tuple(dates),
    )


def _changes(observance: Observance, years: Years) -> Iterator[Change]:
    try:
        for local in _onsets(observance, years):
            yield Change(local - observance.before, observance.before, observance.after)
    except OverflowError as error:
        raise Broken(observance.start) from error


def _onsets(observance: Observance, years: Years) -> Iterator[datetime]:
    """Local times, in the offset before the change."""
    first = observance.start.local
    last = datetime(min(years[1], 9998), 12, 31)  # noqa: DTZ001
    yield first
    yield from (_local(date, observance) for date in observance.dates)
    for text in observance.rules:
        rule = Rule.parse(text)
        if rule.frequency != "YEARLY":
            raise Unfollowed(text)
        until = min(_local(rule.until, observance), last) if rule.until else last
        yield from takewhile(until.__ge__, rule.starts(first, since=datetime(years[0], 1, 1)))  # noqa: DTZ001


def _local(stamp: Stamp, observance: Observance) -> datetime:
    return stamp.local + observance.before if stamp.is_utc else stamp.local
