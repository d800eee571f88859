"""The commands with which an operator lists emails and sends them again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from caledee.email.resending import resend
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from tests.factories import book_intro

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def booking(ada):
    """A booking with two emails: Ada's was sent, the invitee's was given up an hour ago."""
    booking = book_intro(ada, "2026-12-01 09:00")
    EmailRecord.objects.filter(person=ada).update(sent_at=NOW)
    give_up("refused_us")
    return booking


def give_up(reason, when=NOW - timedelta(hours=1)):
    EmailRecord.objects.filter(person=None).update(
        failed_at=when, reason=reason, attempts=81, trouble="sender, 550", fault="ours", understood_at=when
    )


@pytest.fixture
def record(booking):
    return EmailRecord.objects.get(person=None)


def run_new_jobs(before):
    """Run the jobs that were queued since."""
    for job in ProcrastinateJob.objects.filter(id__gt=before).order_by("id"):
        app.tasks[job.task_name](**job.args)


def last_job():
    return ProcrastinateJob.objects.order_by("-id").values_list("id", flat=True).first() or 0


def test_what_was_given_up_is_sent_again_once(record, mailoutbox, capsys):
    before = last_job()

    call_command("resend")
    call_command("resend")
    run_new_jobs(before)
    run_new_jobs(before)

    assert [(message.to, message.extra_headers["Message-ID"]) for message in mailoutbox] == [
        (["edsger@example.com"], record.message_id)
    ]
    record.refresh_from_db()
    assert (record.sent_at, record.failed_at, record.reason, record.resent_at) == (NOW, None, "", NOW)
    told = capsys.readouterr().out
    assert told == (
        f"{record.pk} confirmation to the invitee, failed 2026-11-23 09:00 UTC: the mail server does not accept "
        "emails from this site\nEmails queued again: 1.\nEmails queued again: 0.\n"
    )


def test_a_dry_run_queues_nothing(record, capsys):
    before = last_job()

    call_command("resend", "--dry-run")

    record.refresh_from_db()
    assert (last_job(), record.reason) == (before, "refused_us")
    assert capsys.readouterr().out.endswith("Emails would be queued again: 1.\n")


def test_two_operators_at_once_queue_one_job(record):
    assert (resend(record, now=NOW), resend(record, now=NOW)) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "queued"),
    [
        ([], 1),
        (["--failed-since", "2026-11-23"], 1),
        (["--failed-since", "2026-11-23T09:00"], 1),
        (["--failed-since", "2026-11-23T09:01"], 0),
        (["--failed-since", "2026-11-23T10:00+01:00"], 1),
        (["--reason", "refused_us"], 1),
        (["--reason", "address"], 0),
    ],
)
def test_only_what_is_asked_for_is_sent_again(record, capsys, arguments, queued):
    call_command("resend", *arguments)

    assert capsys.readouterr().out.endswith(f"Emails queued again: {queued}.\n")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", ""])
def test_a_time_that_is_none_is_refused(db, text):
    with pytest.raises(CommandError, match=r"^--failed-since must be a time such as "):
        call_command("resend", "--failed-since", text)


def test_what_may_have_arrived_is_sent_again_only_by_name(record, capsys):
    give_up("unanswered")

    call_command("resend")
    call_command("resend", "--reason", "unanswered")

    out = capsys.readouterr().out
    assert ("Emails queued again: 0.\n" in out, out.endswith("Emails queued again: 1.\n")) == (True, True)


@pytest.mark.parametrize("change", ["cancelled", "over"])
def test_what_has_become_pointless_is_not_sent(booking, record, clock, mailoutbox, change):
    if change == "cancelled":
        cancel(booking, by=Canceller.ORGANIZER, now=NOW)
    else:
        clock.move_to(booking.end)
    before = last_job()

    call_command("resend", "--failed-since", "2026-11-01")
    run_new_jobs(before)

    record.refresh_from_db()
    assert (mailoutbox, record.sent_at, record.dropped_at is not None) == ([], None, True)


def test_a_record_from_before_they_said_how_is_queued_as_its_failed_job_was(record, mailoutbox):
    EmailRecord.objects.update(task="", job=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE args->>'mail_id' = %s", [str(record.pk)])
    before = last_job()

    call_command("resend")
    run_new_jobs(before)

    assert [message.to for message in mailoutbox] == [["edsger@example.com"]]


def test_a_record_that_nothing_can_queue_is_named_and_stays(record, capsys):
    EmailRecord.objects.update(task="", job=None)

    call_command("resend")

    record.refresh_from_db()
    assert record.reason == "refused_us"
    assert capsys.readouterr().out.endswith("(skipped: it has no task to queue)\nEmails queued again: 0.\n")


def test_all_is_well_says_so(db, capsys):
    call_command("emails")

    assert capsys.readouterr().out == "Waiting: 0\nFailed in the last 7 days: 0\n"


def test_what_waits_and_what_was_given_up_is_counted_without_an_address(ada, capsys):
    book_intro(ada, "2026-12-01 09:00")
    book_intro(ada, "2026-12-01 11:00")
    book_intro(ada, "2026-12-01 13:00")
    invitees = EmailRecord.objects.filter(person=None).order_by("pk")
    first, second, third = invitees
    trouble = {"attempts": 3, "tried_at": NOW}
    EmailRecord.objects.filter(pk=first.pk).update(**trouble, fault="ours", trouble="sender, 550 5.7.1")
    EmailRecord.objects.filter(pk=second.pk).update(**trouble, fault="server", trouble="no answer", unanswered=1)
    EmailRecord.objects.filter(pk=third.pk).update(failed_at=NOW, reason="address")

    with pytest.raises(CommandError, match="Check EMAIL_URL and DEFAULT_FROM_EMAIL"):
        call_command("emails")

    assert capsys.readouterr().out == (
        "Waiting: 5, the oldest since 2026-11-23 08:00 UTC\n"
        "  1 refused or impossible from this installation: sender, 550 5.7.1; last attempt 2026-11-23 10:00 UTC\n"
        "  1 may have arrived, but the mail server did not reply: no answer; last attempt 2026-11-23 10:00 UTC\n"
        "Failed in the last 7 days: 1\n"
        "  1 because the mail server refused the address; the last 2026-11-23 10:00 UTC\n"
    )


@pytest.mark.parametrize(
    ("reason", "is_alarming"),
    [("address", False), ("impossible", False), ("given_up", True), ("refused_us", True), ("unanswered", True)],
)
def test_only_what_an_operator_can_mend_is_alarming(record, reason, is_alarming):
    give_up(reason)

    if is_alarming:
        with pytest.raises(CommandError):
            call_command("emails")
    else:
        assert call_command("emails") is None
