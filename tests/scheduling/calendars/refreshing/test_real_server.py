"""From the address that a person types to the times that take theirs, at a Radicale."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from caledee.timekeeping.periods import Period
from scheduling.calendars.connecting import connect_caldav
from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.calendars.reading import Failure
from scheduling.calendars.refreshing.recheck import calendars_to_ask, recheck
from scheduling.calendars.refreshing.refresh import refresh
from scheduling.calendars.refreshing.search import search
from tests.scheduling.calendars.providers.samples import calendar_of, event
from tests.support.calendar_servers.real import Radicale, radicale
from tests.support.times import NOW, between

MINUTE = timedelta(minutes=1)
TEN, ELEVEN = between("2026-12-01 10:00", "2026-12-01 10:30"), between("2026-12-01 11:00", "2026-12-01 11:30")


@pytest.fixture(scope="module")
def server() -> Iterator[Radicale]:
    with radicale() as running:
        yield running


@pytest.fixture
def address(server, request, settings) -> str:
    """The address of a calendar with an event at ten."""
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    made = server.make_calendar(request.node.name, "Work")
    put(server, made, "ten", TEN)
    return made


@pytest.fixture
def calendar(ada, server, address) -> OutsideCalendar:
    """The same, connected and read once."""
    connection = connect(ada, server, address)
    search(connection.pk, now=NOW)
    refresh(connection.calendars.get().pk, now=NOW)
    return connection.calendars.get()


def connect(person, server: Radicale, address: str) -> Connection:
    return connect_caldav(person, address, server.account.username, server.account.password, now=NOW)


def put(server: Radicale, address: str, uid: str, period: Period) -> None:
    server.put(address, uid, calendar_of(event(uid, period.start, period.end)).decode())


def rows(calendar: OutsideCalendar) -> list[Period]:
    return [row.period for row in calendar.busy_rows.order_by("start")]


def read_again(calendar: OutsideCalendar) -> OutsideCalendar:
    """Read a calendar when it is due."""
    refresh(calendar.pk, now=calendar.next_try_at)
    return OutsideCalendar.objects.get(pk=calendar.pk)


def test_a_calendar_counts_from_the_beginning(calendar, address):
    assert (calendar.remote, calendar.name, calendar.counts, calendar.failure) == (address, "Work", True, "")
    assert (rows(calendar), calendar.read_at) == ([TEN], NOW)


def test_what_changes_there_changes_here(calendar, server, address):
    put(server, address, "eleven", ELEVEN)
    changed = read_again(calendar)
    assert rows(changed) == [TEN, ELEVEN]

    unchanged = read_again(changed)
    assert (rows(unchanged), unchanged.read_whole_at) == ([TEN, ELEVEN], changed.read_at)

    server.delete(address, "ten")
    assert rows(read_again(unchanged)) == [ELEVEN]


def test_an_event_made_a_moment_ago_is_found_before_a_booking(calendar, ada, server, address):
    put(server, address, "eleven", ELEVEN)
    later = NOW + MINUTE

    assert recheck(calendars_to_ask([ada], now=later), ELEVEN, now=later) == set()
    assert rows(calendar) == [TEN, ELEVEN]


def test_a_calendar_that_is_deleted_keeps_its_last_reading(calendar, server, address):
    server.delete(address)

    gone = read_again(calendar)

    assert (gone.failure, rows(gone), gone.read_at) == (Failure.GONE, [TEN], NOW)


def test_a_password_that_is_refused_finds_nothing(ada, server, address):
    connection = connect_caldav(ada, address, server.account.username, "wrong", now=NOW)

    search(connection.pk, now=NOW)

    connection.refresh_from_db()
    assert (connection.failure, connection.calendars.count()) == (Failure.UNAUTHORIZED, 0)
