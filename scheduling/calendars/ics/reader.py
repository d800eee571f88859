"""Turn iCalendar text into the times when its owner is busy. Pure: no Django, no clock, no network."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, timedelta

from caledee.timekeeping.periods import Period, clip, merge
from scheduling.calendars.ics.clock import Clock
from scheduling.calendars.ics.counting import Standing, standing_of, standing_of_free_busy
from scheduling.calendars.ics.event import Event, read_event
from scheduling.calendars.ics.rules import TookTooLong, Unfollowed
from scheduling.calendars.ics.scanner import ENTRIES, MAX_BYTES, MAX_ENTRIES, Component, scan
from scheduling.calendars.ics.series import Occurrence, find_occurrences
from scheduling.calendars.ics.values import (
    Broken,
    Length,
    Span,
    parse_duration,
    spans_of,
    split_times,
    text_of,
    value_of,
)
from scheduling.calendars.ics.zones import Zones
from scheduling.calendars.reading import Failure, NoteKind, OutsideTime, OwnEntry, Owner, Reading, ReadingFailed

# Limits the time for the entries with one UID: it raises TookTooLong.
Guard = Callable[[], AbstractContextManager[None]]
LONGEST_NAME = 200


def read_feed(text: bytes, window: Period, owner: Owner, *, guard: Guard = nullcontext) -> Reading:
    """Read one stream, which can have several calendars.

    Raises ReadingFailed if it is no calendar, is cut off or is too large. A broken entry only adds a note. Without a
    guard, a single rule can take minutes: use `isolated` for text from elsewhere.
    """
    reader = _Reader(window, owner, guard)
    reader.add(scan(text))
    return reader.reading()


def read_objects(texts: Sequence[bytes], window: Period, owner: Owner, *, guard: Guard = nullcontext) -> Reading:
    """Read the objects of a CalDAV collection. A broken object only adds a note.

    Raises ReadingFailed if all of them together are too large.
    """
    if sum(map(len, texts)) > MAX_BYTES:
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    reader = _Reader(window, owner, guard)
    for text in texts:
        try:
            calendars = scan(text)
        except ReadingFailed:
            reader.notes[NoteKind.BROKEN_ENTRY] += 1
        else:
            reader.add(calendars)
    return reader.reading()


class _Reader:
    def __init__(self, window: Period, owner: Owner, guard: Guard) -> None:
        self.notes: Counter[NoteKind] = Counter()
        self._window = Period(window.start.astimezone(UTC), window.end.astimezone(UTC))
        self._owner, self._guard = owner, guard
        self._busy: dict[Standing, list[Period]] = {Standing.BUSY: [], Standing.TENTATIVE: []}
        self._own: list[OwnEntry] = []
        self._entries = 0
        self._name = ""
        self._refresh_interval: timedelta | None = None

    def add(self, calendars: Sequence[Component]) -> None:
        zones = Zones(calendars, (self._window.start.year - 2, self._window.end.year + 2))
        for calendar in calendars:
            self._entries += len(calendar.parts_of(*ENTRIES))
            if self._entries > MAX_ENTRIES:
                raise ReadingFailed(Failure.NOT_A_CALENDAR)
            self._name = self._name or _name_of(calendar)
            self._refresh_interval = self._refresh_interval or _refresh_interval_of(calendar)
            self._add_entries(calendar, Clock(calendar, zones, self._owner))

    def reading(self) -> Reading:
        busy = [
            OutsideTime(period, is_tentative=standing is Standing.TENTATIVE)
            for standing, periods in self._busy.items()
            for period in merge(clip(periods, self._window))
        ]
        own = sorted(self._own, key=lambda entry: (entry.period, entry.uid))
        return Reading(tuple(sorted(busy)), tuple(own), dict(self.notes), self._name, self._refresh_interval)

    def _add_entries(self, calendar: Component, clock: Clock) -> None:
        groups: dict[str, list[Component]] = {}
        for number, entry in enumerate(calendar.parts_of(*ENTRIES)):
            if entry.is_broken:
                self.notes[NoteKind.BROKEN_ENTRY] += 1
            elif entry.kind == "VFREEBUSY":
                self._add_free_busy(entry, clock)
            else:
                # Entries without a UID don't belong together. No UID has a line break.
                uid = text_of(entry.first("UID")) or f"\n{number}"
                groups.setdefault(uid, []).append(entry)
        for uid, entries in groups.items():
            self._add_group(uid, entries, clock)

    def _add_group(self, uid: str, entries: list[Component], clock: Clock) -> None:
        notes: set[NoteKind] = set()
        clock.met_unknown_zone = False
        try:
            with self._guard():
                for occurrence in find_occurrences(list(self._events(entries, clock)), self._window):
                    self._add_occurrence(uid, occurrence)
                    if clock.met_unknown_zone:
                        notes.add(NoteKind.UNKNOWN_ZONE)
        except (Unfollowed, TookTooLong):
            notes.add(NoteKind.UNFOLLOWED_RULE)
        except OverflowError:
            # Something reaches beyond the year 9999.
            notes.add(NoteKind.BROKEN_ENTRY)
        self.notes.update(notes)

    def _events(self, entries: Iterable[Component], clock: Clock) -> Iterator[Event]:
        for entry in entries:
            standing = standing_of(entry, self._owner.addresses)
            try:
                event = read_event(entry, clock, standing)
            except Broken:
                if standing is not Standing.FREE:
                    self.notes[NoteKind.BROKEN_ENTRY] += 1
            else:
                if self._is_swapped(event):
                    self.notes[NoteKind.ENDS_BEFORE_START] += 1
                yield event

    def _is_swapped(self, event: Event) -> bool:
        """Return whether an event that could be within the window ends before it starts."""
        if not event.ends_before_start or event.standing is Standing.FREE:
            return False
        start = event.moment_at(event.start)
        return event.repeats or (start >= self._window.start and start - self._window.end <= abs(event.length.about))

    def _add_occurrence(self, uid: str, occurrence: Occurrence) -> None:
        event, period = occurrence.event, occurrence.period
        if uid in self._owner.uids:
            self._own.append(OwnEntry(uid, period))
        else:
            self._busy[event.standing].append(period)
        if event.travel and period.start > self._window.start:
            self._busy[event.standing].append(Period(period.start - event.travel, period.start))

    def _add_free_busy(self, entry: Component, clock: Clock) -> None:
        try:
            for line in entry.all("FREEBUSY"):
                standing = standing_of_free_busy(split_times(line)[0])
                if standing is not Standing.FREE:
                    self._busy[standing] += [_period_of(span, clock) for span in spans_of(line)]
        except Broken:
            self.notes[NoteKind.BROKEN_ENTRY] += 1


def _period_of(span: object, clock: Clock) -> Period:
    """Raises Broken."""
    if not isinstance(span, Span):
        raise Broken(span)
    start = clock.moment_of(span.start)
    try:
        end = start + span.end.about if isinstance(span.end, Length) else clock.moment_of(span.end)
        return Period(start, end)
    except (ValueError, OverflowError) as error:
        raise Broken(span) from error


def _name_of(calendar: Component) -> str:
    return (text_of(calendar.first("X-WR-CALNAME")) or text_of(calendar.first("NAME")))[:LONGEST_NAME]


def _refresh_interval_of(calendar: Component) -> timedelta | None:
    line = calendar.first("REFRESH-INTERVAL") or calendar.first("X-PUBLISHED-TTL")
    try:
        interval = parse_duration(value_of(line)).about
    except Broken:
        return None
    return interval if interval > timedelta(0) else None
