"""All events with one UID: a series, the occurrences that differ from it, or a single event."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.clock import to_local, to_moment
from scheduling.calendars.ics.counting import Standing
from scheduling.calendars.ics.event import DAY, Event, midnight
from scheduling.calendars.ics.rules import Rule, Unfollowed
from scheduling.calendars.ics.values import Length, Stamp

MAX_OCCURRENCES = 5_000
# Local times differ from UTC by less.
MARGIN = 2 * DAY


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`period` overlaps the window, but isn't clipped to it. The time for travel is before it."""

    event: Event
    period: Period


def find_occurrences(events: Sequence[Event], window: Period) -> Iterator[Occurrence]:
    """Yield the occurrences within a window that aren't free.

    Raises Unfollowed for a rule that can't be followed, after yielding what doesn't depend on it.
    """
    if len(events) == 1 and not events[0].repeats:
        yield from _occurrences(events[0], events[0].start, events[0].length, window)
        return
    masters = newest(event for event in events if event.replaces is None)
    changes = _newest_changes([event for event in events if event.replaces is not None], masters)
    if all(event.standing is Standing.FREE for event in [*masters, *changes]):
        return
    sequence = max((master.sequence for master in masters), default=0)
    current = [change for change in changes if change.sequence >= sequence]
    yield from _stand_alone(current, window)
    older = [change for change in changes if change.sequence < sequence and _still_applies(change, masters)]
    yield from _stand_alone(older, window)
    for master in masters:
        yield from _follow(master, [*current, *older], window)


def newest(events: Iterable[Event]) -> list[Event]:
    """Return the events with the highest SEQUENCE. Different events with the same UID and SEQUENCE all count."""
    events = list(events)
    highest = max((event.sequence for event in events), default=0)
    return [event for event in events if event.sequence == highest]


def _newest_changes(changes: list[Event], masters: list[Event]) -> list[Event]:
    """Return the same for each occurrence that is changed."""
    by_occurrence: dict[datetime, list[Event]] = {}
    for change in changes:
        by_occurrence.setdefault(_replaced(change, masters[0] if masters else change), []).append(change)
    return [event for same in by_occurrence.values() for event in newest(same)]


def _replaced(change: Event, master: Event) -> datetime:
    """Return the local start of the occurrence that a change replaces."""
    assert change.replaces is not None
    return master.local_of(change.replaces)


def _stand_alone(events: Iterable[Event], window: Period) -> Iterator[Occurrence]:
    for event in events:
        yield from _occurrences(event, event.start, event.length, window)


def _occurrences(event: Event, local: datetime, length: Length, window: Period) -> Iterator[Occurrence]:
    """Yield the occurrence with this start, if it counts."""
    if event.standing is Standing.FREE:
        return
    period = event.period_at(local, length)
    if period is not None and period.start < window.end + event.travel and window.start < period.end:
        yield Occurrence(event, period)


def _still_applies(change: Event, masters: list[Event]) -> bool:
    """Return whether a change that is older than its series replaces an occurrence that the series still has."""
    for master in masters:
        day = midnight(_replaced(change, master))
        named, excluded = _LeftOut([change], master), _LeftOut([], master, master.excluded)
        if any(named.has(start) and not excluded.has(start) for start in _starts(master, day, day + DAY)):
            return True
    return False


def _follow(master: Event, changes: list[Event], window: Period) -> list[Occurrence]:
    futures = sorted((_Future(change, master) for change in changes if change.changes_future), key=_Future.order)
    reach = max([_reach(master), *(future.reach for future in futures)]) + MARGIN
    if master.standing is Standing.FREE and not futures:
        return []
    first, last = _later(window.start, -reach), _later(window.end, reach)
    left_out = _LeftOut(changes, master, master.excluded)
    found: list[Occurrence] = []
    for local, length in _starts(master, first, last).items():
        if left_out.has(local):
            continue
        future = next((future for future in reversed(futures) if future.since <= local), None)
        if future is None:
            found += _occurrences(master, local, length, window)
        else:
            found += _occurrences(future.change, future.moved(local), future.change.length, window)
        if len(found) > MAX_OCCURRENCES:
            raise Unfollowed(f"more than {MAX_OCCURRENCES} occurrences")
    return found


def _reach(event: Event) -> timedelta:
    """Return how far from its start an occurrence can be busy."""
    lengths = [event.length, *(length for length in event.added().values())]
    return max(abs(length.about) for length in lengths) + event.travel


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None) + by
    except OverflowError:
        return datetime.min if by < timedelta(0) else datetime.max  # noqa: DTZ901


def _starts(master: Event, first: datetime, last: datetime) -> dict[datetime, Length]:
    """Return the local starts of occurrences between two local times, with their lengths."""
    rules = [Rule.parse(text) for text in master.rules]
    starts: dict[datetime, Length] = {}
    # A series that ends before it starts is what Google keeps of one that was deleted from its first occurrence on.
    if not rules or any(_until(rule, master) >= master.start for rule in rules):
        starts[master.start] = master.length
    for rule in rules:
        starts |= dict.fromkeys(_generated(rule, master, first, last), master.length)
    starts |= master.added()
    for text in master.excluding_rules:
        for local in _generated(Rule.parse(text), master, first, last):
            starts.pop(local, None)
    return {local: length for local, length in starts.items() if first <= local <= last}


def _generated(rule: Rule, master: Event, first: datetime, last: datetime) -> Iterator[datetime]:
    last = min(last, _until(rule, master))
    starts = rule.starts(master.start, since=first, whole_days=master.is_whole_days)
    return (local for local in takewhile(last.__ge__, starts) if local >= first)


def _until(rule: Rule, master: Event) -> datetime:
    """Return the last moment of UNTIL on the series' clock. Many programs write it as another type than the start."""
    until = rule.until
    if until is None:
        return datetime.max  # noqa: DTZ901
    if until.is_date or master.is_whole_days:
        return datetime.combine(until.local, time.max)
    return to_local(to_moment(until.local, UTC), master.zone) if until.is_utc else until.local


class _LeftOut:
    """The occurrences of a series that are excluded or replaced, by their moment or by their date."""

    def __init__(self, changes: Iterable[Event], master: Event, excluded: Iterable[Stamp] = ()) -> None:
        self._master = master
        self._dates: set[datetime] = set()
        self._moments: set[datetime] = set()
        for stamp in [*excluded, *(change.replaces for change in changes if change.replaces is not None)]:
            if stamp.is_date or master.is_whole_days:
                self._dates.add(midnight(stamp.local))
            else:
                self._moments.add(master.clock.moment_of(stamp, master.zone))

    def has(self, local: datetime) -> bool:
        return midnight(local) in self._dates or self._master.moment_at(local) in self._moments


class _Future:
    """A change of an occurrence and of all later ones (RANGE=THISANDFUTURE): they move as far as it has moved."""

    def __init__(self, change: Event, master: Event) -> None:
        self.change, self._master = change, master
        self.since = _replaced(change, master)
        self._shift = change.start - self._on_own_clock(self.since)

    @property
    def reach(self) -> timedelta:
        return _reach(self.change) + abs(self._shift)

    def order(self) -> datetime:
        return self.since

    def moved(self, local: datetime) -> datetime:
        """Return the new local start, in the zone of the change, of an occurrence of the series."""
        try:
            return self._on_own_clock(local) + self._shift
        except OverflowError:
            return local

    def _on_own_clock(self, local: datetime) -> datetime:
        if self.change.is_whole_days or self._master.is_whole_days:
            return local
        return to_local(to_moment(local, self._master.zone), self.change.zone)
