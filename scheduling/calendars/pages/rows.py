"""Connections and their calendars as rows for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_count, say_start, say_wait, say_zone
from scheduling.calendars.connecting import Choice
from scheduling.calendars.models import Connection, ConnectionKind, OutsideBusy, OutsideCalendar
from scheduling.calendars.pages.forms import stale_name, stale_options
from scheduling.calendars.reading import NoteKind
from scheduling.calendars.status import State, Status, search_status, status_of

SHOWN_AHEAD = timedelta(days=60)
JUST_NOW = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
# A search or a reading that takes longer goes on, but the page no longer waits for it.
IS_WATCHED = timedelta(seconds=60)

NOTES: dict[NoteKind, str] = {
    NoteKind.UNKNOWN_ZONE: "with a time zone that Caledee doesn't know, read in {zone} time",
    NoteKind.ENDS_BEFORE_START: "that ended before its start; start and end are swapped",
    NoteKind.UNFOLLOWED_RULE: "repeating in a way that Caledee can't follow, not counted as busy",
    NoteKind.BROKEN_ENTRY: "that can't be read, not counted as busy",
}
LOUD = {NoteKind.UNFOLLOWED_RULE}


@dataclass(frozen=True, slots=True)
class NoteLine:
    words: str
    is_loud: bool


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar on the page of its connection. `read` says when it was read and what is in it."""

    key: str
    name: str
    counts: bool
    tentative_counts: bool
    status: Status
    read: str
    notes: Sequence[NoteLine]
    is_being_read: bool
    stale_name: str
    stale_options: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection in the list. `statuses` are the states of its calendars that have a problem."""

    connection: Connection
    kind: str
    counting: str
    problems: Sequence[str]
    is_closed: bool
    is_searching: bool


def connection_rows(person: User, *, now: datetime) -> list[ConnectionRow]:
    """Return the person's connections in the order in which they were added. Two queries."""
    connections = Connection.objects.filter(person=person).prefetch_related("calendars")
    return [_connection_row(connection, person, now) for connection in connections]


def calendar_rows(connection: Connection, *, chosen: Sequence[Choice] = (), now: datetime) -> list[CalendarRow]:
    """Return the calendars of a connection, its person's own first. Two queries.

    `chosen` are choices that couldn't be saved: their boxes stay as they were sent.
    """
    calendars = list(connection.calendars.select_related("connection").order_by("-is_own", "name", "pk"))
    busy = _busy_ahead(calendars, now)
    sent = {choice.calendar: choice for choice in chosen}
    return [
        _calendar_row(sent.get(calendar) or _choice_of(calendar), connection.person, busy.get(calendar.pk, 0), now)
        for calendar in calendars
    ]


def is_watched(connection: Connection, *, now: datetime) -> bool:
    """Return whether the page should wait for the search to end."""
    return connection.searching_since is not None and now - connection.searching_since < IS_WATCHED


def can_search(connection: Connection) -> bool:
    """Return whether a search can find more: an address has a single calendar, so only if that wasn't found."""
    has_more = connection.kind != ConnectionKind.FEED or connection.failure != ""
    return has_more and connection.searching_since is None


def _connection_row(connection: Connection, person: User, now: datetime) -> ConnectionRow:
    calendars = list(connection.calendars.all())
    for calendar in calendars:
        calendar.connection = connection
    counting = [calendar for calendar in calendars if calendar.counts]
    statuses = [status_of(calendar, zone=person.zone, now=now) for calendar in counting]
    search = search_status(connection)
    problems = [status.sentence for status in statuses if status.sentence]
    if search.state is not State.CURRENT:
        problems.insert(0, search.sentence)
    return ConnectionRow(
        connection=connection,
        kind=connection.get_kind_display(),
        counting=_say_counting(len(counting), len(calendars)),
        problems=problems,
        is_closed=any(status.state is State.CLOSED for status in statuses),
        is_searching=search.state is State.READING,
    )


def _say_counting(counting: int, found: int) -> str:
    if not found:
        return ""
    if found == 1:
        return "Counts as busy" if counting else "Doesn't count as busy"
    return f"{counting} of {say_count(found, 'calendar')} count as busy"


def _busy_ahead(calendars: Sequence[OutsideCalendar], now: datetime) -> dict[UUID, int]:
    """Count the busy times of each calendar from now on, as far as the page says."""
    ahead = OutsideBusy.objects.filter(calendar__in=calendars, start__lt=now + SHOWN_AHEAD, end__gt=now)
    counting = ahead.filter(Q(is_tentative=False) | Q(calendar__tentative_counts=True))
    return dict(counting.order_by().values_list("calendar").annotate(Count("pk")))


def _choice_of(calendar: OutsideCalendar) -> Choice:
    return Choice(calendar, calendar.counts, calendar.tentative_counts, calendar.stale_after)


def _calendar_row(choice: Choice, person: User, busy: int, now: datetime) -> CalendarRow:
    calendar = choice.calendar
    return CalendarRow(
        key=str(calendar.pk),
        name=calendar.name,
        counts=choice.counts,
        tentative_counts=choice.tentative_counts,
        status=status_of(calendar, zone=person.zone, now=now),
        read=_say_read(calendar, person, busy, now),
        notes=[_note_line(kind, count, person) for kind, count in calendar.noted.items()],
        is_being_read=calendar.queued_at is not None and now - calendar.queued_at < IS_WATCHED,
        stale_name=stale_name(calendar),
        stale_options=stale_options(choice.stale_after),
    )


def _say_read(calendar: OutsideCalendar, person: User, busy: int, now: datetime) -> str:
    if not calendar.counts or calendar.read_at is None:
        return ""
    age = now - calendar.read_at
    if age < JUST_NOW:
        when = "just now"
    elif age < ONE_DAY:
        when = f"{say_wait(int(age.total_seconds()))} ago"
    else:
        when = say_start(calendar.read_at, person.zone)
    return f"Read {when}, {say_count(busy, 'busy time')} in the next {SHOWN_AHEAD.days} days"


def _note_line(kind: NoteKind, count: int, person: User) -> NoteLine:
    entries = "1 entry" if count == 1 else f"{count} entries"
    return NoteLine(f"{entries} {NOTES[kind].format(zone=say_zone(person.zone))}.", kind in LOUD)
