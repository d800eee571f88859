"""A row that is locked for long: those who need it see an error and lose nothing; all others notice nothing."""

import html
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest

from caledee.ops.patience import LIMITS, limit_waiting
from tests.support.serving import Serving, Visitor, own_database

pytestmark = pytest.mark.django_db

BUSY = "Your details are still here; try again in a minute."
LOCK = "SELECT 1 FROM accounts_user WHERE email = %s FOR NO KEY UPDATE"


@pytest.fixture(scope="module")
def serving(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database("waiting") as url:
        serving = Serving(url)
        serving.make_people()
        serving.start()
        yield serving
        serving.stop()


@contextmanager
def locked(serving, email):
    """Lock the row like a machine that was lost in the middle of a transaction."""
    with psycopg.connect(serving.database_url) as holder:
        holder.execute(LOCK, [email])
        yield holder
        holder.rollback()


def scalar(serving, query):
    with psycopg.connect(serving.database_url) as database:
        return database.execute(query).fetchone()[0]


def booking(serving, handle, name="Dana"):
    """A form that books the first free time."""
    slot = html.unescape(re.search(r'name="slot" value="([^"]+)"', Visitor(serving).get(f"/{handle}/intro/")[2])[1])
    form = {"slot": slot, "name": name, "email": f"{name.lower()}@example.com", "time_zone": "Europe/London"}
    return form | {"notes": "Bring <the> plans"}


def timed(serving, path):
    started = time.monotonic()
    status = Visitor(serving).get(path)[0]
    return SimpleNamespace(path=path, status=status, seconds=time.monotonic() - started)


def test_bookings_that_wait_for_one_person_leave_the_site_to_everyone_else(serving):
    form = booking(serving, "ada")
    for _ in range(4):
        timed(serving, "/grace/intro/")
    with locked(serving, "ada@example.com"), ThreadPoolExecutor(24) as crowd:
        sent = [crowd.submit(Visitor(serving).post, "/ada/intro/", form) for _ in range(24)]
        others = [timed(serving, path) for path in ("/healthz", "/", "/grace/intro/", "/healthz", "/ada/intro/")]
        started = time.monotonic()
        grace = Visitor(serving).post("/grace/intro/", booking(serving, "grace"))
        waited = time.monotonic() - started
        told = [future.result() for future in sent]

    assert [(other.path, other.status) for other in others if other.status != 200 or other.seconds > 6] == []
    assert "/bookings/" in grace[1]
    assert waited < 12
    assert Counter(status for status, _, _ in told) == {503: 24}
    assert scalar(serving, "SELECT count(*) FROM scheduling_booking WHERE invitee_name = 'Dana'") == 1  # Grace's
    assert Visitor(serving).post("/ada/intro/", booking(serving, "ada", "Eve"))[0] == 200


def test_the_booking_page_keeps_what_was_typed(serving):
    form = booking(serving, "ada")
    with locked(serving, "ada@example.com"):
        status, _, page = Visitor(serving).post("/ada/intro/", form)

    assert (status, BUSY in page) == (503, True)
    assert '<textarea name="notes"' in page
    assert "Bring &lt;the&gt; plans</textarea>" in page
    assert f'name="slot" value="{html.escape(form["slot"])}"' in page
    assert 'value="dana@example.com"' in page


def test_the_pages_of_a_booking_keep_what_was_typed(serving):
    person = Visitor(serving)
    _, booked, _ = person.post("/alan/intro/", booking(serving, "alan"))
    path = booked.removeprefix(serving.url)
    other = booking(serving, "alan")["slot"]
    with locked(serving, "alan@example.com"):
        cancelled = person.post(f"{path}cancel/", {"reason": "Ill <today>"})
        moved = person.post(f"{path}reschedule/", {"slot": other})

    assert (cancelled[0], BUSY in cancelled[2], "Ill &lt;today&gt;</textarea>" in cancelled[2]) == (503, True, True)
    assert (moved[0], f'name="slot" value="{html.escape(other)}"' in moved[2]) == (503, True)
    assert "Your details are kept on this page" in moved[2]


def test_the_creator_and_suggested_times_keep_what_was_typed(serving):
    mary, dana = Visitor(serving), Visitor(serving)
    mary.sign_in("mary@example.com")
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 14 * 86_400))
    form = {"name": "Interview", "duration": "30", "location_kind": "video", "location": "https://meet.example.com/x"}
    form |= {"times": f"{day}T10:00", "hold_times": "on", "create": "create"}
    _, _, page = mary.post("/one-offs/new/", form)
    link = re.search(r"/mary/o/\w+/", page)[0]
    wish = {"times": f"{day}T15:00", "name": "Dana", "email": "dana@example.com", "note": "After <lunch>"}
    with locked(serving, "mary@example.com"):
        created = mary.post("/one-offs/new/", form | {"name": "Second", "times": f"{day}T12:00"})
    with psycopg.connect(serving.database_url) as holder:
        holder.execute("SELECT 1 FROM oneoff_singleuselink FOR NO KEY UPDATE")
        proposed = dana.post(f"{link}propose/", wish)

    assert (created[0], BUSY in created[2], 'value="Second"' in created[2]) == (503, True, True)
    assert f'value="{day}T12:00"' in created[2]
    assert (proposed[0], BUSY in proposed[2], "After &lt;lunch&gt;</textarea>" in proposed[2]) == (503, True, True)


def test_what_the_installation_asks_for_goes_before_what_the_web_is_granted():
    usual = {"connect_timeout": "10", "tcp_user_timeout": "15000"}
    database = {"OPTIONS": {"options": "-c lock_timeout=9s", "connect_timeout": "20", "tcp_user_timeout": "15000"}}

    limit_waiting(database, usual=usual)

    options = database["OPTIONS"].pop("options")
    assert options.startswith(f"-c lock_timeout={LIMITS['lock_timeout']} ")
    assert options.endswith(" -c lock_timeout=9s")
    assert database["OPTIONS"] == {"connect_timeout": "20", "tcp_user_timeout": "5000"}
