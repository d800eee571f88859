"""Emails from the booking to the mail server: a real worker, a real SMTP server, real commits."""

import asyncio
import email
import email.policy
import logging
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections
from django.utils import timezone
from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.failures import EmailDelayed
from caledee.email.messages import MOST_ATTEMPTS
from caledee.email.models import EmailRecord
from caledee.ops.environment import parse_email_url
from scheduling.bookings.book import book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.models import Booking, Canceller
from scheduling.tasks import forget_finished_jobs, retry_stalled_jobs

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
START = "2026-12-01T09:00:00Z"

pytestmark = pytest.mark.django_db(transaction=True)


class Postbox:
    """Keeps the octets of accepted emails. It gives `answer` to each recipient and `verdict` to each email."""

    def __init__(self):
        self.answer = self.verdict = "250 OK"
        self.emails = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.verdict.startswith("250"):
            self.emails.append((envelope.rcpt_tos[0], envelope.original_content))
        return self.verdict

    @property
    def recipients(self):
        return sorted(recipient for recipient, _ in self.emails)


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def email_settings(settings, monkeypatch, port):
    settings.MAILERS = {"default": parse_email_url(f"smtp://127.0.0.1:{port}?timeout=0.3")}
    # A task runs in a thread of its own, whose connection must not outlive it.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def server(port):
    def start(postbox):
        controller = Controller(postbox, hostname="127.0.0.1", port=port)
        controllers.append(controller)
        controller.start()
        return postbox

    controllers = []
    yield start
    for controller in controllers:
        controller.stop()


@pytest.fixture
def booking(ada):
    offer = EventTypeOffer(ada.event_types.get())
    invitee = Invitee(name="Jörg O'Brien", email="dana@example.com", time_zone="Asia/Kolkata", notes="Grüße " * 40)
    return book(offer, offer.slot(START), invitee, now=NOW)


def work():
    """Run everything that is due, like a worker."""

    async def run():
        async with app.open_async():
            await app.run_worker_async(queues=["mail"], wait=False, listen_notify=False, install_signal_handlers=False)

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(run())


def make_due():
    """Pretend that the time for another attempt has come."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queue_name = 'mail'")


def email_jobs():
    return ProcrastinateJob.objects.filter(queue_name="mail").order_by("id")


def statuses():
    return list(email_jobs().values_list("status", "attempts"))


def test_confirmation_arrives_once_on_each_side_in_the_shape_that_calendars_read(booking, server):
    postbox = server(Postbox())

    work()
    work()

    assert postbox.recipients == ["ada@example.com", "dana@example.com"]
    assert statuses() == [("succeeded", 1), ("succeeded", 1)]
    for recipient, octets in postbox.emails:
        assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")
        assert max(len(line) for line in octets.split(b"\r\n")) <= 78
        assert octets.isascii()
        message = email.message_from_bytes(octets, policy=email.policy.default)
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
            "text/calendar",
        ]
        assert b"\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n" in octets
        quotes_notes = "Grüße Grüße" in message.get_body(("plain",)).get_content()
        assert quotes_notes == (recipient == "ada@example.com")
        invite = list(message.iter_parts())[2].get_payload(decode=True)
        assert invite.count(b"\n") == invite.count(b"\r") == invite.count(b"\r\n")
        assert max(len(line) for line in invite.split(b"\r\n")) <= 75
        [event] = Calendar.from_ical(invite).events
        assert (event["UID"], event["SEQUENCE"], event["ORGANIZER"]) == (booking.uid, 0, "mailto:ada@example.com")
        assert b"\r\nDTSTART:20261201T090000Z\r\n" in invite


def test_cancellation_follows_with_a_higher_sequence(booking, server):
    postbox = server(Postbox())
    work()
    cancel(booking, by=Canceller.ORGANIZER, reason="Ill.", now=NOW)

    work()

    assert postbox.recipients == ["ada@example.com"] * 2 + ["dana@example.com"] * 2
    parts = [list(email.message_from_bytes(octets).walk())[3] for _, octets in postbox.emails]
    events = [Calendar.from_ical(part.get_payload(decode=True)) for part in parts]
    assert [(part.get_param("method"), event["METHOD"]) for part, event in zip(parts, events, strict=True)] == [
        ("REQUEST", "REQUEST"),
        ("REQUEST", "REQUEST"),
        ("CANCEL", "CANCEL"),
        ("CANCEL", "CANCEL"),
    ]
    assert [event.events[0]["SEQUENCE"] for event in events] == [0, 0, 1, 1]
    assert {event.events[0]["UID"] for event in events} == {booking.uid}


def test_confirmation_of_a_cancelled_booking_is_not_sent(booking, server):
    postbox = server(Postbox())
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    work()

    subjects = [email.message_from_bytes(octets)["Subject"] for _, octets in postbox.emails]
    assert [subject.split(":")[0] for subject in subjects] == ["Cancelled", "Cancelled"]
    assert statuses() == [("succeeded", 1)] * 4


def outcomes():
    """Return what the records say: recipient, attempts, whether it was sent, and the reason if not."""
    records = EmailRecord.objects.order_by("address")
    return [(each.address, each.attempts, each.sent_at is not None, each.reason) for each in records]


@pytest.fixture
def down():
    return lambda server, port: None


@pytest.fixture
def busy():
    def start(server, port):
        server(Postbox()).answer = "451 Come back later"

    return start


@pytest.fixture
def full():
    def start(server, port):
        server(Postbox()).verdict = "452 The disk is full"

    return start


@pytest.fixture
def hanging():
    listeners = []

    def start(server, port):
        """Accept connections and never respond."""
        listeners.append(socket.create_server(("127.0.0.1", port)))

    yield start
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("down", "ConnectionRefusedError"),
        ("busy", "recipient, 451"),
        ("full", "email, 452"),
        ("hanging", "SMTPServerDisconnected|TimeoutError"),
    ],
)
def test_failing_mail_server_delays_the_email_and_never_the_booking(
    request, booking, server, port, settings, caplog, trouble, reason
):
    request.getfixturevalue(trouble)(server, port)

    work()

    assert Booking.objects.confirmed().get() == booking
    assert statuses() == [("todo", 1), ("todo", 1)]
    pauses = [job.scheduled_at - timezone.now() for job in email_jobs()]
    assert all(timedelta(seconds=10) < pause <= timedelta(seconds=15) for pause in pauses)
    assert len(re.findall(f"will be retried in 15 s: (?:{reason})", caplog.text)) == 2
    assert re.findall("@|Jörg|Intro", caplog.text) == []
    assert outcomes() == [("ada@example.com", 1, False, ""), ("dana@example.com", 1, False, "")]


def test_email_arrives_once_when_the_server_is_back(booking, server):
    work()
    postbox = server(Postbox())

    make_due()
    work()
    make_due()
    work()

    assert postbox.recipients == ["ada@example.com", "dana@example.com"]
    assert statuses() == [("succeeded", 2), ("succeeded", 2)]
    assert outcomes() == [("ada@example.com", 2, True, ""), ("dana@example.com", 2, True, "")]


def test_recipient_refused_for_good_is_given_up_without_naming_it(booking, server, caplog):
    postbox = server(Postbox())
    postbox.answer = "550 No such person dana@example.com"

    work()

    assert statuses() == [("failed", 1), ("failed", 1)]
    assert len(re.findall("failed permanently: recipient, 550", caplog.text)) == 2
    assert re.findall(f"@|{booking.token}", caplog.text) == []
    assert outcomes() == [("ada@example.com", 1, False, "address"), ("dana@example.com", 1, False, "address")]


@pytest.mark.parametrize("answer", ["550 relaying denied", "550 5.7.1 Client not allowed", "530 Sign in", "535 Wrong"])
def test_refusal_that_means_us_delays_and_arrives_once_it_is_mended(booking, server, answer):
    postbox = server(Postbox())
    postbox.answer = answer
    work()
    postbox.answer = "250 OK"

    make_due()
    work()

    assert postbox.recipients == ["ada@example.com", "dana@example.com"]
    assert outcomes() == [("ada@example.com", 2, True, ""), ("dana@example.com", 2, True, "")]


def test_email_called_spam_is_attempted_again_and_logged_once_for_the_operator(booking, server, caplog):
    server(Postbox()).verdict = "554 5.7.1 This looks like spam"

    work()
    make_due()
    work()

    assert statuses() == [("todo", 2), ("todo", 2)]
    assert outcomes() == [("ada@example.com", 2, False, ""), ("dana@example.com", 2, False, "")]
    [alarm] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert alarm.getMessage().startswith("Emails cannot be sent from this installation (email, 554 5.7.1).")
    assert re.findall("@|Jörg|Intro", caplog.text) == []


def test_job_that_runs_again_sends_nothing_that_is_marked_as_sent(booking, server):
    postbox = server(Postbox())
    work()

    for job in email_jobs():
        app.tasks[job.task_name](**job.args)

    assert postbox.recipients == ["ada@example.com", "dana@example.com"]
    assert outcomes() == [("ada@example.com", 1, True, ""), ("dana@example.com", 1, True, "")]


def test_two_workers_with_one_job_send_one_email(booking, server):
    """Jobs that start during the delivery are told to retry, and find the email sent then."""
    postbox = server(Postbox())
    job = email_jobs().first()

    def run(number):
        try:
            app.tasks[job.task_name](**job.args)
        except EmailDelayed as delay:
            return str(delay)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        said = set(workers.map(run, range(4)))

    assert postbox.recipients == ["dana@example.com"]
    assert said <= {None, "another worker is sending it"}
    assert None in said


def test_email_attempted_for_too_long_is_given_up(booking, caplog):
    """The last attempt fails because there is no mail server."""
    caplog.set_level(logging.CRITICAL)
    EmailRecord.objects.update(attempts=MOST_ATTEMPTS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [MOST_ATTEMPTS])

    work()

    assert statuses() == [("failed", MOST_ATTEMPTS + 1)] * 2
    assert [reason for *_, reason in outcomes()] == ["given_up", "given_up"]


def test_jobs_are_forgotten_a_week_after_they_are_done_and_failed_ones_stay(booking, server):
    server(Postbox())
    work()
    failed = email_jobs().last()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [failed.id])
        cursor.execute("UPDATE procrastinate_events SET at = at - '8 days'::interval")
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    forgetting = forget_finished_jobs.configure(queue="mail").defer(timestamp=0)
    work()

    assert list(email_jobs().exclude(id=forgetting).values_list("status", "task_name")) == [
        ("failed", "scheduling.mail_confirmation"),
        ("succeeded", "scheduling.mail_cancellation"),
        ("succeeded", "scheduling.mail_cancellation"),
    ]


def test_pauses_grow_to_an_hour_and_end_after_three_days(booking, server, caplog):
    caplog.set_level(logging.CRITICAL)
    [first, *_] = email_jobs()
    strategy = app.tasks[first.task_name].retry_strategy
    pauses = []
    for attempts in range(100):
        job = first.procrastinate_job.evolve(attempts=attempts)
        if decision := strategy.get_retry_decision(exception=OSError(), job=job):
            pauses.append(round((decision.retry_at - timezone.now()).total_seconds()))

    assert pauses[:10] == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert timedelta(days=2.9) < timedelta(seconds=sum(pauses)) < timedelta(days=3.2)


def test_job_of_a_killed_worker_is_done_by_the_next(booking, server):
    postbox = server(Postbox())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (NOW() - '1 hour'::interval)")
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT MAX(id) FROM procrastinate_workers)"
        )

    stalled = retry_stalled_jobs.configure(queue="mail").defer(timestamp=0)
    work()

    assert postbox.recipients == ["ada@example.com", "dana@example.com"]
    assert list(email_jobs().exclude(id=stalled).values_list("status", flat=True)) == ["succeeded"] * 2
