"""A worker as a process: servers of calendars that don't answer delay no email and no other calendar."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import psycopg
import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.conninfo import conninfo_to_dict

from caledee.accounts.outgoing import queue_email
from caledee.ops.worker import OWN_THREADS
from scheduling.calendars.models import OutsideCalendar
from scheduling.calendars.refreshing.queue import MOST_AT_ONCE, queue_due_readings
from scheduling.calendars.tasks import queue_due, read_calendar
from tests.factories import make_person
from tests.support.calendars import make_calendar, make_connection
from tests.support.demo_process import CHECKOUT, wait_until
from tests.support.providers import reading
from tests.support.serving import Serving, connect_to, own_database
from tests.support.times import NOW

WORKER = """
import django; django.setup()
from django.core.management import execute_from_command_line
from scheduling.calendars.providers.registry import PROVIDERS
from tests.support.providers import HangingProvider
PROVIDERS["feed"] = HangingProvider()
options = ["--concurrency", "1", "--shutdown-graceful-timeout", "1"]
execute_from_command_line(["manage.py", "procrastinate", "worker", *options])
"""
HANGING = OWN_THREADS["calendars"] - 1


@contextmanager
def connected_to(url):
    """Let this process write to the database at `url`."""

    own = connection.settings_dict["NAME"]
    connect_to(conninfo_to_dict(url)["dbname"])
    try:
        yield
    finally:
        connect_to(own)


def calendar_at(person, host):
    made = make_connection(person, host=host, label=host, address=f"https://{host}/work.ics")
    return make_calendar(person, connection=made, read_at=None, name=host, next_try_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_servers_that_hang_delay_no_email_and_no_other_calendar(django_db_setup, tmp_path):
    with own_database("hanging") as url:
        serving = Serving(url, EMAIL_URL=f"file://{tmp_path}")
        with connected_to(url):
            person = make_person("ada")
            for number in range(HANGING):
                calendar_at(person, f"hangs{number}.example.com")
            # Others of a server that hangs wait for their turn, but in no thread.
            for _ in range(HANGING):
                calendar_at(person, "hangs0.example.com")
            calendar_at(person, "answers.example.com")
            queue_due_readings(now=timezone.now())
            queue_email("account/email/password_changed", "ada@example.com", {}, now=timezone.now())
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=CHECKOUT,
            env=serving.environment,
            stdin=subprocess.DEVNULL,
            stdout=serving.output,
            stderr=subprocess.STDOUT,
        )
        try:
            with psycopg.connect(url, autocommit=True) as watching:
                wait_until(lambda: state_of(watching) == (HANGING, ["answers.example.com"], 1), 90, what="the others")
            began = monotonic()
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
            assert monotonic() - began < 15
        finally:
            worker.kill()
            worker.wait()
            serving.stop()


def state_of(connection):
    """How many readings hang, what was read, and how many emails were sent."""
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'calendars.read' AND status = 'doing'"
    read = "SELECT name FROM calendars_outsidecalendar WHERE read_at IS NOT NULL"
    # There may be one more by now: about pages that are closed.
    sent = "SELECT count(*) FROM scheduling_mailrecord WHERE kind = 'account' AND sent_at IS NOT NULL"
    [hanging], names, [emails] = (
        connection.execute(doing).fetchone(),
        [name for (name,) in connection.execute(read)],
        connection.execute(sent).fetchone(),
    )
    return hanging, names, emails


def queued():
    jobs = ProcrastinateJob.objects.filter(task_name="calendars.read")
    return sorted(OutsideCalendar.objects.get(pk=job.args["calendar_id"]).name for job in jobs)


def test_due_calendars_are_queued_once(ada):
    make_calendar(ada, name="Due", next_try_at=NOW)
    make_calendar(ada, name="Late", next_try_at=NOW, queued_at=NOW)
    make_calendar(ada, name="Not yet", next_try_at=NOW + timedelta(seconds=1))
    make_calendar(ada, name="Never", next_try_at=None)
    make_calendar(ada, name="Off", next_try_at=NOW, counts=False)

    with time_machine.travel(NOW, tick=False):
        queue_due(0)
        queue_due(0)

    assert queued() == ["Due"]


def test_intervals_of_less_than_a_minute_are_looked_after_in_between(db, settings):
    settings.CALENDAR_REFRESH_SECONDS = 20

    with time_machine.travel(NOW, tick=False):
        queue_due(0)

    again = ProcrastinateJob.objects.filter(task_name="calendars.queue_due_again").order_by("scheduled_at")
    assert [job.scheduled_at - NOW for job in again] == [timedelta(seconds=20), timedelta(seconds=40)]


def test_a_job_that_was_lost_is_queued_again(ada):
    make_calendar(ada, name="Lost", next_try_at=NOW, queued_at=NOW)

    assert queue_due_readings(now=NOW + timedelta(minutes=10)) == 0
    assert queue_due_readings(now=NOW + timedelta(minutes=11)) == 1
    assert queued() == ["Lost"]


def test_calendars_of_people_without_an_account_are_not_read(ada, provider):
    calendar = make_calendar(ada, next_try_at=NOW)
    ada.is_active = False
    ada.save()

    assert queue_due_readings(now=NOW) == 0
    with time_machine.travel(NOW, tick=False):
        read_calendar(str(calendar.pk))
    assert provider.asked == []


def test_a_reading_lets_the_calendar_be_queued_again(ada, provider):
    calendar = make_calendar(ada, read_at=None, next_try_at=NOW)
    provider.answers = [reading()]
    queue_due_readings(now=NOW)

    with time_machine.travel(NOW, tick=False):
        read_calendar(str(calendar.pk))

    calendar.refresh_from_db()
    assert calendar.queued_at is None
    assert calendar.next_try_at > NOW


def test_no_more_than_two_hundred_are_queued_at_a_time(ada):
    first = make_calendar(ada, next_try_at=NOW - timedelta(hours=1))
    OutsideCalendar.objects.bulk_create(
        OutsideCalendar(
            connection=first.connection,
            person=ada,
            remote=str(number),
            name=str(number),
            counts=True,
            chosen_at=NOW,
            next_try_at=NOW,
        )
        for number in range(MOST_AT_ONCE)
    )

    assert queue_due_readings(now=NOW) == MOST_AT_ONCE
    assert queue_due_readings(now=NOW) == 1
    assert "Work" in queued()
