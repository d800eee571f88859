"""The records of the emails about one-off meetings: what they are, who gets them, and their Message-ID."""

import time_machine
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from oneoff import tasks
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.models import OneOffMeeting
from oneoff.proposals.propose import decline
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from tests.factories import EDSGER, book_one_off, make_one_off, on_tuesday, time_of
from tests.oneoff.proposals.test_proposals import ask
from tests.support.times import NOW


def emails_of_jobs(*, now=NOW):
    """What the waiting jobs write at this moment, by the ID of its record. Jobs with nothing to say are left out."""
    written = {}
    for job in ProcrastinateJob.objects.filter(task_name__startswith="oneoff.mail_"):
        args = {name: value for name, value in job.args.items() if name not in {"mail_id", "place"}}
        email = app.tasks[job.task_name].func.__wrapped__(**args, now=now)
        if email is not None:
            written[job.args["mail_id"]] = email
    return written


def assert_recorded(expected, *, now=NOW):
    written = emails_of_jobs(now=now)
    records = EmailRecord.objects.filter(pk__in=written)
    assert {str(each.pk): (each.message_id, each.address) for each in records} == {
        key: (email.message_id, email.to) for key, email in written.items()
    }
    assert sorted((each.kind, each.role, each.address.partition("@")[0]) for each in records) == expected


def test_emails_about_an_open_meeting(ada, grace, alan):
    one_off = make_one_off(ada, "15:00", "16:00", cohosts=[alan], created_by=grace)
    withdraw_time(time_of(one_off, "16:00"), by=grace, now=NOW)
    ask(one_off, "17:00")
    moment = on_tuesday("15:00").replace(day=30, month=11)
    with time_machine.travel(moment, tick=False):
        tasks.queue_warnings(0)

    assert_recorded(
        [
            ("created", "cohost", "alan"),
            ("created", "organizer", "ada"),
            ("proposed", "organizer", "ada"),
            ("proposed", "party", "grace"),
            ("running_out", "organizer", "ada"),
            ("withdrawn", "organizer", "ada"),
        ],
        now=moment,
    )


def test_answers(ada):
    one_off = make_one_off(ada, "09:00")
    decline(ask(one_off, "15:00"), "No.", by=ada, now=NOW)
    ask(one_off, "16:00", invitee=EDSGER)
    book_one_off(one_off, "09:00")

    assert_recorded([("answered", "invitee", "dana"), ("answered", "invitee", "edsger")])


def test_emails_about_a_meeting_that_is_reopened_and_deleted(ada, grace, alan):
    one_off = make_one_off(ada, "15:00", cohosts=[alan], created_by=grace)
    cancel(book_one_off(one_off, "15:00"), by=Canceller.INVITEE, now=NOW)
    EmailRecord.objects.all().delete()
    ProcrastinateJob.objects.filter(task_name="oneoff.mail_one_off").delete()
    reopen(OneOffMeeting.objects.get(), valid_until=None, by=grace, now=NOW)
    assert_recorded([("reopened", "organizer", "ada"), ("reopened", "party", "alan")])

    delete_one_off(OneOffMeeting.objects.get(), by=ada, now=NOW)
    assert_recorded([("deleted", "party", "alan"), ("deleted", "party", "grace")])
