"""A worker process that loses its database, or is asked to stop while a mail server is slow."""

import signal
import subprocess
import sys
from time import monotonic

import psycopg
import pytest
from psycopg import sql

from caledee.ops.worker import LOST
from tests.caledee.email.scripted import DOT, DRIP, ScriptedServer
from tests.support.demo_process import wait_until
from tests.support.serving import CHECKOUT, Serving, own_database, url_of

QUEUE_ONE = """
import django; django.setup()
from django.utils import timezone
from caledee.accounts.models import PendingEmail
from caledee.accounts.outgoing import queue_email
queue_email("account/email/password_changed", "ada@example.com", {}, now=timezone.now())
"""


@pytest.fixture
def talking(django_db_setup, db):
    """The database of a worker in the middle of an email, whose final response drips for ten minutes."""
    with own_database("watched") as url, ScriptedServer(dot=DRIP) as server:
        serving = Serving(url, EMAIL_URL=f"smtp://127.0.0.1:{server.port}")
        assert serving.python("-c", QUEUE_ONE) == 0, serving.said
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "4"],
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


def drop(url):
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_worker_without_a_database_ends_within_half_a_minute(talking):
    worker, url = talking
    began = monotonic()

    drop(url)

    assert worker.wait(60) == LOST
    assert monotonic() - began < 30


@pytest.mark.long
def test_a_worker_that_is_asked_to_stop_ends_within_half_a_minute(talking):
    worker, _ = talking
    began = monotonic()

    worker.send_signal(signal.SIGTERM)

    worker.wait(60)
    assert monotonic() - began < 30
