"""A worker process that loses its database, or is asked to stop while a mail server is slow."""

import signal
import subprocess
import sys
from time import monotonic

import psycopg
import pytest
from django.utils import timezone
from psycopg import sql

from caledee.accounts.outgoing import queue_email
from caledee.ops import worker as watched
from tests.caledee.email.scripted import DOT, DRIP, ScriptedServer
from tests.support.demo_process import wait_until
from tests.support.serving import CHECKOUT, Serving, connected_to, own_database, url_of

PATIENCE = {name: getattr(watched, name) for name in ["LOOK_EVERY", "LONGEST_ANSWER", "AFTER_LOSS", "AFTER_STOP"]}
IMPATIENCE = {name: seconds / 10 for name, seconds in PATIENCE.items()}
START = """
import runpy
from caledee.ops import worker
vars(worker).update({patience})
runpy.run_path("manage.py", run_name="__main__")
"""


def queue_one(url):
    """Queue an email in this database from this process, which has loaded Caledee already."""
    with connected_to(url):
        queue_email("account/email/password_changed", "ada@example.com", {}, now=timezone.now())


@pytest.fixture
def talking(django_db_setup, django_db_blocker, request):
    """The database of a worker in the middle of an email, whose final response drips for ten minutes."""
    start = START.format(patience=getattr(request, "param", PATIENCE))
    with django_db_blocker.unblock(), own_database("watched") as url, ScriptedServer(dot=DRIP) as server:
        serving = Serving(url, EMAIL_URL=f"smtp://127.0.0.1:{server.port}")
        queue_one(url)
        worker = subprocess.Popen(
            [sys.executable, "-c", start, "procrastinate", "worker", "--concurrency", "4"],
            cwd=CHECKOUT,
            env=serving.environment,
            stdin=subprocess.DEVNULL,
            stdout=serving.output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: server.seen[DOT] == 1, seconds=60, what="an email under way")
            yield worker, url
        finally:
            worker.kill()
            worker.wait()
            serving.stop()


def longest_end(patience):
    """Return the seconds until an end by either way: the worker stops by itself, or the database does not respond."""
    without_answer = patience["LONGEST_ANSWER"] + patience["AFTER_LOSS"]
    return patience["LOOK_EVERY"] + max(patience["AFTER_STOP"], without_answer)


def drop(url):
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


AS_PATIENT = pytest.mark.parametrize(
    ("talking", "patience"),
    [(IMPATIENCE, IMPATIENCE), pytest.param(PATIENCE, PATIENCE, marks=pytest.mark.long)],
    ids=["impatient", "patient"],
    indirect=["talking"],
)


@AS_PATIENT
def test_a_worker_without_a_database_ends_within_half_a_minute(talking, patience):
    worker, url = talking
    saved = longest_end(PATIENCE) - longest_end(patience)
    began = monotonic()

    drop(url)

    assert worker.wait(60) == watched.LOST
    assert monotonic() - began < 30 - saved


@AS_PATIENT
def test_a_worker_that_is_asked_to_stop_ends_within_half_a_minute(talking, patience):
    worker, _ = talking
    saved = longest_end(PATIENCE) - longest_end(patience)
    began = monotonic()

    worker.send_signal(signal.SIGTERM)

    worker.wait(60)
    assert monotonic() - began < 30 - saved
