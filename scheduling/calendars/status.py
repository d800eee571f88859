"""What people read about the state of their connected calendars: on their pages, in banners and in emails.

The reader's clock must be set (`caledee.timekeeping.reader`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_day, say_time
from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.calendars.reading import Failure


class State(StrEnum):
    """How a calendar or a connection is doing, from good to bad."""

    NOT_COUNTING = "not_counting"
    CURRENT = "current"
    READING = "reading"  # for the first time, or searching
    FAILING = "failing"  # what was read last still counts
    CLOSED = "closed"  # the person's pages offer no times


@dataclass(frozen=True, slots=True)
class Status:
    """The state, and sentences that say what is wrong and what that means. No sentences if nothing is wrong."""

    state: State
    problem: str = ""
    consequence: str = ""
    must_reconnect: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.problem} {self.consequence}".strip()


# What is wrong, where the calendar is the subject. The host is the connection's.
PROBLEMS: dict[Failure, str] = {
    Failure.UNREACHABLE: "{calendar} hasn't answered since {since}.",
    Failure.UNAUTHORIZED: "{host} no longer accepts the sign-in. Reconnect {connection}.",
    Failure.LIMITED: "{host} asks Caledee to wait until {again}.",
    Failure.FORBIDDEN: "Caledee isn't allowed to read {calendar}. Reconnect with an account that can read it.",
    Failure.GONE: "{calendar} no longer exists at {host}. Choose another calendar, or stop counting this one.",
    Failure.NOT_A_CALENDAR: "The address of {calendar} answers, but not with a calendar.",
    Failure.NOT_ALLOWED: "Caledee may not fetch {calendar}: its address is in a private network or not encrypted.",
    Failure.CERTIFICATE: "The certificate of {host} isn't valid.",
    Failure.KEY_MISSING: "Caledee can no longer read the stored sign-in. Reconnect {connection}.",
}
SEARCH_PROBLEMS: dict[Failure, str] = {
    Failure.UNREACHABLE: "{host} doesn't answer.",
    Failure.UNAUTHORIZED: "{host} doesn't accept this user name and password.",
    Failure.LIMITED: "{host} asks Caledee to wait. Try again later.",
    Failure.FORBIDDEN: "{host} doesn't allow this account to list its calendars.",
    Failure.GONE: "There is nothing at this address.",
    Failure.NOT_A_CALENDAR: "The address answers, but not with a calendar.",
    Failure.NOT_ALLOWED: "Caledee may not fetch from private networks, or without encryption.",
    Failure.CERTIFICATE: "The certificate of {host} isn't valid.",
    Failure.KEY_MISSING: "Caledee can no longer read the stored sign-in. Connect again.",
}
MUST_RECONNECT = {Failure.UNAUTHORIZED, Failure.FORBIDDEN, Failure.KEY_MISSING}
FIRST_READING = "Reading {} for the first time."
OPENS_THEN = "Your pages open when it is done."
NEVER_READ = "Your pages offer no times until it has been read."
SEARCHING = "Looking for your calendars…"


def status_of(calendar: OutsideCalendar, *, zone: ZoneInfo, now: datetime) -> Status:
    """Return the state of a calendar, whose connection is loaded, for its person. Times are in `zone`."""
    if not calendar.counts:
        return Status(State.NOT_COUNTING)
    say = _speaker(zone, now)
    if not calendar.failure and calendar.read_at is None:
        return Status(State.READING, FIRST_READING.format(calendar.name), OPENS_THEN)
    problem = _problem(calendar, say)
    if calendar.is_closed(now):
        return Status(State.CLOSED, problem, _closed_since(calendar, say), _must_reconnect(calendar))
    if calendar.failure:
        return Status(State.FAILING, problem, _until(calendar, say), _must_reconnect(calendar))
    return Status(State.CURRENT)


def search_status(connection: Connection) -> Status:
    """Return the state of the search for a connection's calendars."""
    if connection.searching_since is not None:
        return Status(State.READING, SEARCHING)
    if connection.failure:
        failure = Failure(connection.failure)
        return Status(State.FAILING, SEARCH_PROBLEMS[failure].format(host=connection.host))
    return Status(State.CURRENT)


def problems_of(person: User, *, now: datetime) -> list[Status]:
    """Return what to show above the person's event types and one-off meetings, the worst first. One query."""
    troubled = OutsideCalendar.objects.of([person]).troubled(now).select_related("connection")
    statuses = [status_of(calendar, zone=person.zone, now=now) for calendar in troubled]
    return sorted(statuses, key=lambda status: list(State).index(status.state), reverse=True)


def _problem(calendar: OutsideCalendar, say: Callable[[datetime], str]) -> str:
    if not calendar.failure:
        return f"{calendar.name} was last read at {say(calendar.read_at)}." if calendar.read_at else ""
    return PROBLEMS[Failure(calendar.failure)].format(
        calendar=calendar.name,
        connection=calendar.connection.label,
        host=calendar.connection.host,
        since=say(calendar.failing_since) if calendar.failing_since else "",
        again=say(calendar.next_try_at) if calendar.next_try_at else "",
    )


def _closed_since(calendar: OutsideCalendar, say: Callable[[datetime], str]) -> str:
    closed_at = calendar.closes_at()
    return f"Your pages have offered no times since {say(closed_at)}." if closed_at else NEVER_READ


def _until(calendar: OutsideCalendar, say: Callable[[datetime], str]) -> str:
    closes_at = calendar.closes_at()
    if calendar.read_at is None or closes_at is None:
        return NEVER_READ
    return f"What was read at {say(calendar.read_at)} still counts. From {say(closes_at)}, your pages offer no times."


def _must_reconnect(calendar: OutsideCalendar) -> bool:
    return calendar.failure != "" and Failure(calendar.failure) in MUST_RECONNECT


def _speaker(zone: ZoneInfo, now: datetime) -> Callable[[datetime], str]:
    """Return a function that says a moment: only its time if it is today."""

    def say(moment: datetime) -> str:
        day = moment.astimezone(zone).date()
        time = say_time(moment, zone)
        return time if day == now.astimezone(zone).date() else f"{time} on {say_day(day)}"

    return say
