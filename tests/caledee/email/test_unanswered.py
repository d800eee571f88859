"""An email that may have been accepted is sent again rarely, a few times, under the same Message-ID."""

import email
import email.policy
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from caledee.email.models import EmailRecord
from caledee.ops.environment import parse_email_url
from tests.caledee.email.scripted import ANSWERS, CLOSE, DOT, HANG, ScriptedServer
from tests.caledee.email.working import email_jobs, make_due, work
from tests.factories import book_intro

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture
def use(settings, monkeypatch):
    def use(server):
        mailer = parse_email_url(f"smtp://127.0.0.1:{server.port}?timeout=5")
        settings.MAILERS = {"default": mailer | {"OPTIONS": mailer["OPTIONS"] | {"dot_timeout": 0.1}}}

    # A task runs in a thread of its own, whose connection must not outlive it.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    return use


@pytest.fixture
def record(ada):
    """The record of the one waiting email; the organizer's was sent already."""
    book_intro(ada, "2026-12-01 09:00")
    EmailRecord.objects.filter(person=ada).update(sent_at=timezone.now())
    return EmailRecord.objects.get(person=None)


def pause():
    """Return the time until the next attempt, to the nearest quarter of an hour."""
    waiting = email_jobs().filter(status="todo", scheduled_at__isnull=False).get()
    return round((waiting.scheduled_at - timezone.now()) / (HOUR / 4)) * (HOUR / 4)


@pytest.mark.parametrize("fault", [HANG, CLOSE])
def test_copies_are_few_and_far_between_and_all_of_one_name(record, use, fault):
    pauses = []
    with ScriptedServer(dot=fault) as server:
        use(server)
        for _ in range(6):
            work()
            if email_jobs().filter(status="todo").exists():
                pauses.append(pause())
            make_due()

    names = {
        email.message_from_bytes(each, policy=email.policy.default)["Message-ID"].strip() for each in server.emails
    }
    assert pauses == [HOUR, 6 * HOUR, 24 * HOUR]
    assert (len(server.emails), names) == (4, {record.message_id})
    record.refresh_from_db()
    assert (record.unanswered, record.reason, record.trouble) == (4, "unanswered", "no answer after the whole email")


def test_it_is_sent_once_a_server_says_so(record, use):
    with ScriptedServer(dot=HANG) as server:
        use(server)
        work()
        server.answers[DOT] = ANSWERS[DOT]
        make_due()
        work()
        make_due()
        work()

    record.refresh_from_db()
    assert (len(server.emails), record.sent_at is not None, record.unanswered, record.trouble) == (2, True, 1, "")


def test_other_trouble_in_between_does_not_count_as_a_copy(record, use):
    with ScriptedServer(dot=HANG) as server:
        use(server)
        work()
        server.answers["rcpt"] = "450 4.7.1 Greylisted"
        make_due()
        work()
        soon = pause()
        server.answers["rcpt"] = ANSWERS["rcpt"]
        make_due()
        work()

    record.refresh_from_db()
    assert (soon, pause(), record.unanswered, record.attempts) == (timedelta(0), 6 * HOUR, 2, 3)


def test_no_transaction_is_open_while_a_server_takes_its_time(record, use):
    """A row that is locked for ten minutes would stall its other writers, and PostgreSQL may end the session."""
    locked = []

    class Watching(ScriptedServer):
        def _answer(self, talk, stage):
            if stage == DOT:
                rows = EmailRecord.objects.filter(pk=record.pk)
                locked.append(rows.update(name="Still there"))
                connections.close_all()
            super()._answer(talk, stage)

    with Watching() as server:
        use(server)
        work()

    record.refresh_from_db()
    assert (locked, record.name, record.sent_at is not None) == ([1], "Still there", True)
