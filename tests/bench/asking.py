"""Row 12: asking the servers of connected calendars: when nothing has changed, and when they hang before a booking."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network
from unittest import mock

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caledee.accounts.models import User
from scheduling.calendars.models import Connection, ConnectionKind, OutsideCalendar
from scheduling.calendars.refreshing.refresh import refresh
from tests.bench.booking import bookers
from tests.bench.data import SMALL
from tests.bench.house import House
from tests.bench.table import Figures, Row, Table, ms, say
from tests.scheduling.calendars.providers.samples import calendar_of, event
from tests.support.calendar_servers.dav import CALENDAR, found, multistatus, stored
from tests.support.calendar_servers.scripted import Answer, ScriptedServer, scripted_server
from tests.support.scripted import serving, silent

MOST_CPU, LONGEST_BOOKING = 50, 3500  # milliseconds
LOOPBACK = "127.0.0.0/8"
PATH = "/work"
CREDENTIALS = '{"username": "ada", "password": "engine"}'
EVENTS = 5_000
READER, BOOKED = "person-90", "person-91"


def measure(table: Table, house: House, *, quick: bool) -> None:
    _measure_unchanged(table, 20 if quick else 200)
    _measure_hanging(table, house, 3 if quick else 10)
    table.note(
        "Row 12: the CPU time is that of the thread that refreshes. It reads the calendar's row, decrypts its address,"
        " sends one request to a server in the same process, and updates the row."
        f" The calendars have {EVENTS:,} events."
    )


# Nothing has changed


def _measure_unchanged(table: Table, times: int) -> None:
    text = _text()
    with scripted_server() as server, override_settings(CALENDAR_ALLOWED_NETWORKS=[ip_network(LOOPBACK)]):
        for what, connect in [
            ("a calendar address that answers 304", _tagged),
            (f"a calendar address that sends the same {len(text) / 1e6:.1f} MB", _plain),
            ("a CalDAV calendar", _caldav),
        ]:
            with _connected(READER, lambda person, connect=connect: connect(person, server, text)) as made:
                _add_unchanged(table, what, made, server, times)


def _text() -> bytes:
    """Hours of a year, all day and night."""
    first = timezone.now().replace(minute=0, second=0, microsecond=0)
    starts = [first + timedelta(hours=number) for number in range(EVENTS)]
    return calendar_of(*(event(start.isoformat(), start, start + timedelta(minutes=30)) for start in starts))


def _add_unchanged(table: Table, what: str, made: OutsideCalendar, server: ScriptedServer, times: int) -> None:
    moment = timezone.now()
    refresh(made.pk, now=moment)
    taken, requests, queries = [], set(), set()
    for number in range(1, times + 1):
        OutsideCalendar.objects.filter(pk=made.pk).update(next_try_at=moment)
        asked = len(server.requests)
        with CaptureQueriesContext(connection) as captured:
            began = time.thread_time()
            refresh(made.pk, now=moment + timedelta(minutes=number))
            taken.append((time.thread_time() - began) * 1000)
        requests.add(len(server.requests) - asked)
        queries.add(len(captured))
    made.refresh_from_db()
    assert (made.failure, made.read_at) == ("", moment + timedelta(minutes=times)), f"{what} was not read"
    assert made.read_whole_at == moment
    figures = Figures.of(taken)
    words = f"{say(figures)} CPU, {max(requests)} request, {max(queries)} queries"
    met = (requests, queries) == ({1}, {2}) and figures.median <= MOST_CPU
    goal = f"at most {MOST_CPU} ms, 1 request, 2 queries"
    table.add(Row("12", f"refresh, nothing changed, {what}", words, goal=goal, met=met, figures=vars(figures)))


def _tagged(person: User, server: ScriptedServer, text: bytes) -> OutsideCalendar:
    unchanged = Answer(304)
    whole = Answer(200, text, {"ETag": '"1"'})
    server.script["GET", PATH] = lambda request: unchanged if request.headers["If-None-Match"] == '"1"' else whole
    return _calendar(person, ConnectionKind.FEED, server.origin + PATH)


def _plain(person: User, server: ScriptedServer, text: bytes) -> OutsideCalendar:
    server.script["GET", PATH] = Answer(200, text)
    return _calendar(person, ConnectionKind.FEED, server.origin + PATH)


def _caldav(person: User, server: ScriptedServer, text: bytes) -> OutsideCalendar:
    server.script["PROPFIND", PATH] = multistatus(found(PATH, {"D:resourcetype": CALENDAR, "D:sync-token": "1"}))
    server.script["REPORT", PATH] = multistatus(stored(f"{PATH}/all.ics", text.decode()))
    return _calendar(person, ConnectionKind.CALDAV, server.origin, remote=PATH)


# Booking while calendars hang


def _measure_hanging(table: Table, house: House, times: int) -> None:
    """Three calendars that were read eleven minutes ago: without an answer, nothing is booked."""
    read_at = timezone.now() - timedelta(minutes=11)

    def connect(person: User) -> OutsideCalendar:
        _calendar(person, ConnectionKind.FEED, server.url("/one.ics"), read_at)
        _calendar(person, ConnectionKind.FEED, server.url("/two.ics"), read_at)
        return _calendar(person, ConnectionKind.CALDAV, server.url("/dav/"), read_at, remote=PATH)

    allowed = mock.patch.dict(os.environ, CALENDAR_ALLOWED_NETWORKS=LOOPBACK)
    with serving(silent) as server, allowed, house.web(SMALL.database) as port, _connected(BOOKED, connect):
        [book] = bookers(port, [BOOKED])
        # The first answers of a server take longer: see row 7.
        book()
        answers = [book() for _ in range(times)]
        asked = len(server.requests)
    assert {answer.status for answer in answers} == {503}
    assert asked == 3 * (times + 1), f"{asked} requests"
    taken = [answer.seconds * 1000 for answer in answers]
    words, met = f"{say(Figures.of(taken))}, {ms(max(taken))} ms at most", max(taken) <= LONGEST_BOOKING
    what = "POST booking, 3 calendars that hang"
    table.add(Row("12", what, words, goal=f"at most {LONGEST_BOOKING} ms", met=met, figures={"taken": taken}))


@contextmanager
def _connected(handle: str, connect: Callable[[User], OutsideCalendar]) -> Iterator[OutsideCalendar]:
    """Connect calendars of this person, and disconnect them afterwards."""
    person = User.objects.get(handle=handle)
    Connection.objects.filter(person=person).delete()
    try:
        yield connect(person)
    finally:
        Connection.objects.filter(person=person).delete()


def _calendar(
    person: User, kind: ConnectionKind, address: str, read_at: datetime | None = None, *, remote: str = ""
) -> OutsideCalendar:
    now = timezone.now()
    made = Connection.objects.create(
        person=person, kind=kind, label="Work", host="127.0.0.1", address=address, credentials="", connected_at=now
    )
    if kind == ConnectionKind.CALDAV:
        made.credentials = CREDENTIALS
        made.save()
    calendar = OutsideCalendar(
        connection=made, person=person, name="Work", remote=remote, counts=True, chosen_at=now, next_try_at=now
    )
    if read_at is not None:
        calendar.read_at = calendar.read_whole_at = read_at
        calendar.read_from, calendar.read_until = read_at, read_at + timedelta(days=400)
    calendar.save(force_insert=True)
    return calendar
