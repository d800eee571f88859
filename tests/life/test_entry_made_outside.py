"""An entry that is made in a connected calendar, with the web server, the worker and the calendar server running."""

import html
import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

import psycopg
import pytest
from django.utils import timezone

from caledee.accounts.models import User
from scheduling.calendars.models import ConnectionKind
from tests.scheduling.calendars.providers.samples import calendar_of, event
from tests.scheduling.calendars.test_worker import connected_to
from tests.support.calendar_servers.dav import CALENDAR, found, multistatus, stored
from tests.support.calendar_servers.scripted import scripted_server
from tests.support.calendars import make_calendar, make_connection
from tests.support.demo_process import CHECKOUT, wait_until
from tests.support.serving import Serving, Visitor, own_database

WORK = "/calendars/ada/work/"
INTERVAL = 60
HALF_HOUR = timedelta(minutes=30)


class Server:
    """A CalDAV server with a calendar of half hours, at `url`."""

    def __init__(self, scripted):
        self.url = scripted.origin
        self.entries = []
        scripted.script["PROPFIND", WORK] = self.state
        scripted.script["REPORT", WORK] = self.objects

    def state(self, _request):
        return multistatus(found(WORK, {"D:resourcetype": CALENDAR, "D:sync-token": str(len(self.entries))}))

    def objects(self, _request):
        texts = [calendar_of(event(str(start), start, start + HALF_HOUR)).decode() for start in self.entries]
        return multistatus(*(stored(f"{WORK}{n}.ics", text) for n, text in enumerate(texts)))


@contextmanager
def worker_of(serving):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=CHECKOUT,
        env=serving.environment,
        stdin=subprocess.DEVNULL,
        stdout=serving.output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def server():
    with scripted_server() as scripted:
        yield Server(scripted)


@pytest.fixture
def serving(django_db_setup, transactional_db, server):
    """Caledee with one calendar of Ada's, which was never read."""
    with own_database("entries") as url:
        caledee = Serving(url, CALENDAR_ALLOWED_NETWORKS="127.0.0.0/8", CALENDAR_REFRESH_SECONDS=str(INTERVAL))
        caledee.make_people()
        with connected_to(url):
            ada = User.objects.get(handle="ada")
            account = make_connection(
                ada, ConnectionKind.CALDAV, address=server.url, credentials='{"username": "ada", "password": "secret"}'
            )
            make_calendar(ada, connection=account, name=WORK, read_at=None, next_try_at=timezone.now())
        caledee.start()
        try:
            with worker_of(caledee):
                yield caledee
        finally:
            caledee.stop()


def slots_of(serving):
    page = Visitor(serving).get("/ada/intro/")[2]
    return list(dict.fromkeys(map(html.unescape, re.findall(r'name="slot" value="([^"]+)"', page))))


def book(serving, slot):
    form = {"slot": slot, "name": "Dana", "email": "dana@example.com", "time_zone": "Europe/London", "notes": ""}
    return Visitor(serving).post("/ada/intro/", form)[0]


@pytest.mark.long
def test_it_blocks_pages_within_the_interval_and_bookings_at_once(server, serving):
    with psycopg.connect(serving.database_url, autocommit=True) as database:

        def select(statement):
            return [value for (value,) in database.execute(statement)]

        wait_until(lambda: select("SELECT read_at FROM calendars_outsidecalendar") != [None], 150, what="a reading")
        slots = slots_of(serving)
        taken, other, free = slots[0], slots[2], slots[4]
        # What was read in the last half a minute is relied on.
        database.execute(
            "UPDATE calendars_outsidecalendar SET read_at = read_at - interval '40 seconds',"
            " read_whole_at = read_whole_at - interval '40 seconds'"
        )

        began = monotonic()
        server.entries = [datetime.fromisoformat(taken), datetime.fromisoformat(other)]
        status = book(serving, taken)
        rows = "SELECT start FROM calendars_outsidebusy ORDER BY start"
        wait_until(lambda: len(select(rows)) == 2, INTERVAL + 60, what="the entries")
        passed = monotonic() - began

    assert status == 409
    assert passed < INTERVAL + 5
    left = slots_of(serving)
    assert not {taken, other} & set(left)
    assert book(serving, free) == 200
