"""What is recorded of the mails about one-off meetings: what they are, to whom they go, and under which name."""

import time_machine
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


def letters(*, now=NOW):
    """What the jobs that wait write by now, by the record of each, as long as they have anything to tell."""
    written = {}
    with time_machine.travel(now, tick=False):
        for job in ProcrastinateJob.objects.filter(task_name__startswith="oneoff.mail_"):
            task = getattr(tasks, job.task_name.removeprefix("oneoff."))
            args = {name: value for name, value in job.args.items() if name not in {"mail_id", "place"}}
            letter = task.func.__wrapped__(**args)
            if letter is not None:
                written[job.args["mail_id"]] = letter
    return written


def assert_recorded(expected, *, now=NOW):
    written = letters(now=now)
    records = EmailRecord.objects.filter(pk__in=written)
    assert {str(each.pk): (each.message_id, each.address) for each in records} == {
        key: (letter.message_id, letter.to) for key, letter in written.items()
    }
    assert sorted((each.kind, each.role, each.address.partition("@")[0]) for each in records) == expected


def test_news_of_an_open_meeting(ada, grace, alan):
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


def test_news_of_a_meeting_that_is_reopened_and_deleted(ada, grace, alan):
    one_off = make_one_off(ada, "15:00", cohosts=[alan], created_by=grace)
    cancel(book_one_off(one_off, "15:00"), by=Canceller.INVITEE, now=NOW)
    EmailRecord.objects.all().delete()
    ProcrastinateJob.objects.filter(task_name="oneoff.mail_one_off").delete()
    reopen(OneOffMeeting.objects.get(), valid_until=None, by=grace, now=NOW)
    assert_recorded([("reopened", "organizer", "ada"), ("reopened", "party", "alan")])

    delete_one_off(OneOffMeeting.objects.get(), by=ada, now=NOW)
    assert_recorded([("deleted", "party", "alan"), ("deleted", "party", "grace")])
