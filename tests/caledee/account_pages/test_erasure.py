"""Rows are deleted when the emails about cancellations are sent, which are complete."""

import email
import email.policy
from datetime import timedelta

from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.account_pages.deletion import close_account, erase_account, erase_closed_accounts
from caledee.accounts.models import FormerHandle, User
from caledee.email.models import EmailRecord
from caledee.upkeep.tasks import erase_closed
from oneoff.models import OneOffMeeting
from oneoff.tasks import send_activity
from scheduling.availability import ledger
from scheduling.models import Booking, BusyKind, BusyTime, EventType, Schedule
from scheduling.tasks import send_cancellation
from tests.factories import book_event_type, book_one_off, let_meet, make_one_off
from tests.support.times import NOW, at

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def send_all(**which):
    """Mark the records of the emails as sent."""
    EmailRecord.objects.waiting().filter(**which).update(sent_at=NOW)


def parse(message):
    return email.message_from_bytes(message.message(policy=email.policy.SMTP).as_bytes(), policy=email.policy.default)


def test_the_invitee_is_notified_after_the_account_is_closed(mary, mailoutbox):
    booking = book_event_type(mary, "20:00")
    close_account(mary, now=NOW)
    erase_closed_accounts(now=NOW + MINUTE)

    for job in ProcrastinateJob.objects.filter(task_name="scheduling.mail_cancellation"):
        send_cancellation(**job.args)

    messages = {message["To"]: message for message in map(parse, mailoutbox)}
    assert set(messages) == {"edsger@example.com", "mary@example.com"}
    message = messages["edsger@example.com"]
    assert message["Subject"].startswith("Cancelled: Intro call, Tuesday 1 December 2026, 21:00")
    text = message.get_body(("plain",)).get_content()
    assert "Mary Somerville closed their account." in text
    (event,) = Calendar.from_ical(list(message.iter_parts())[-1].get_content()).events
    # Calendars find the event by the organizer they know.
    assert (str(event["UID"]), str(event["ORGANIZER"]), str(event["STATUS"])) == (
        booking.uid,
        "mailto:mary@example.com",
        "CANCELLED",
    )
    assert "closed.invalid" not in message.as_string()


def test_rows_stay_until_the_emails_are_sent(mary):
    booking = book_event_type(mary, "20:00")
    book_one_off(make_one_off(mary, "22:00"), "22:00")
    close_account(mary, now=NOW)

    assert erase_closed_accounts(now=NOW + MINUTE) == 0
    send_all(subject=booking.pk)
    assert erase_closed_accounts(now=NOW + MINUTE) == 0
    send_all(role="organizer")
    assert erase_closed_accounts(now=NOW + MINUTE) == 0
    send_all()
    assert erase_closed_accounts(now=NOW + MINUTE) == 1

    models = [User, Booking, OneOffMeeting, EventType, Schedule, BusyTime]
    assert [model.objects.count() for model in models] == [0] * 6
    assert list(FormerHandle.objects.values_list("handle", "user", "left_at")) == [("mary", None, NOW)]


def test_attendees_are_notified_before_the_rows_are_deleted(grace, mary, mailoutbox):
    let_meet(mary, grace)
    make_one_off(mary, "15:00", cohosts=[grace])
    EmailRecord.objects.all().delete()
    close_account(mary, now=NOW)

    assert erase_closed_accounts(now=NOW + MINUTE) == 0
    for job in ProcrastinateJob.objects.filter(task_name="oneoff.mail_activity"):
        send_activity(**job.args)
    assert erase_closed_accounts(now=NOW + MINUTE) == 1

    (message,) = map(parse, mailoutbox)
    assert (message["To"], message["Subject"]) == ("grace@example.com", "Deleted: Interview")
    assert message["Reply-To"] == "Mary Somerville <mary@example.com>"


def test_rows_are_deleted_after_four_days_even_if_the_mail_server_fails(mary):
    book_event_type(mary, "20:00")
    close_account(mary, now=NOW)

    assert erase_closed_accounts(now=NOW + 4 * DAY - MINUTE) == 0
    assert erase_closed_accounts(now=NOW + 4 * DAY) == 1


def test_a_meeting_in_progress_ends_first(mary):
    booking = book_event_type(mary, "20:00")
    Booking.objects.filter(pk=booking.pk).update(start=NOW - 10 * MINUTE, end=NOW + 20 * MINUTE)
    close_account(mary, now=NOW)
    send_all()

    assert erase_closed_accounts(now=NOW + 19 * MINUTE) == 0
    booking.refresh_from_db()
    assert not booking.is_cancelled
    assert erase_closed_accounts(now=NOW + 20 * MINUTE) == 1


def test_erasing_again_or_erasing_an_open_account_does_nothing(ada, grace, mary):
    key = mary.pk
    close_account(mary, now=NOW)

    assert [erase_account(who, now=NOW) for who in (key, key, ada.pk)] == [True, False, False]
    erase_closed(timestamp=0)
    assert set(User.objects.values_list("handle", flat=True)) == {"ada", "grace"}


def test_nothing_stays_in_the_ledger_of_cohosts(ada, grace, mary):
    past = book_event_type(mary, "20:00")
    past.cohosts.add(grace)
    ledger.claim(past.pk, BusyKind.BOOKING, [grace], [ledger.Claimed(past.period)], now=NOW)
    Booking.objects.filter(pk=past.pk).update(start=at("2026-11-20 10:00"), end=at("2026-11-20 10:30"))
    kept = book_event_type(grace, "15:00")
    close_account(mary, now=NOW)
    send_all()
    assert erase_closed_accounts(now=NOW) == 1

    assert [row.claim for row in BusyTime.objects.all()] == [kept.pk]


def test_other_people_are_unchanged(ada, mary):
    booking = book_event_type(ada, "10:00")
    close_account(mary, now=NOW)

    assert erase_closed_accounts(now=NOW + 30 * DAY) == 1
    assert list(Booking.objects.confirmed()) == [booking]


def test_the_task_runs_every_ten_minutes():
    tasks = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}

    assert tasks["personal_data.erase_closed"] == "*/10 * * * *"
