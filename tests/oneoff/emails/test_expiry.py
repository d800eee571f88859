"""The warning to the organizer that a one-off meeting without a booking expires soon."""

from datetime import timedelta

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.emails.expiry import expiring
from oneoff.emails.kinds import OneOffEmail
from oneoff.models import OneOffMeeting
from oneoff.tasks import queue_warnings, send_warning
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from tests.factories import book_one_off, make_one_off, on_tuesday, time_of

# The last of its times begins on Tuesday at 11:00.
DAY_BEFORE = on_tuesday("11:00") - timedelta(hours=24)


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "11:00", invitee_name="Dana Scott", invitee_email="dana@example.com")


def warn(moment):
    with time_machine.travel(moment, tick=False):
        queue_warnings(0)
    return list(EmailRecord.objects.filter(kind=OneOffEmail.RUNNING_OUT).values_list("address", flat=True))


def send(moment):
    with time_machine.travel(moment, tick=False):
        for job in ProcrastinateJob.objects.filter(task_name="oneoff.mail_warning", status="todo"):
            send_warning(**job.args)


def test_the_organizer_is_warned_once_a_day_before_the_last_time(one_off):
    told = [warn(DAY_BEFORE - timedelta(minutes=1)), warn(DAY_BEFORE), warn(DAY_BEFORE + timedelta(hours=2))]

    assert told == [[], ["ada@example.com"], ["ada@example.com"]]


def test_the_expiry_of_the_link_counts_if_it_is_sooner(ada):
    make_one_off(ada, "09:00", valid_until=on_tuesday("09:00") - timedelta(days=3))

    assert warn(on_tuesday("08:59") - timedelta(days=4)) == []
    assert warn(on_tuesday("09:00") - timedelta(days=4)) == ["ada@example.com"]


def test_a_one_off_created_within_the_last_day_gets_no_warning(ada):
    make_one_off(ada, "11:00", now=DAY_BEFORE + timedelta(minutes=1))

    assert warn(DAY_BEFORE + timedelta(hours=3)) == []


def test_booked_deleted_and_past_one_offs_get_no_warning(ada, grace, alan):
    book_one_off(make_one_off(ada, "11:00"), "11:00")
    delete_one_off(make_one_off(grace, "11:00"), by=None, now=DAY_BEFORE - timedelta(days=2))
    make_one_off(alan, "11:00")

    assert warn(on_tuesday("11:00")) == []


def test_the_warning_says_when_it_expires_and_which_times_are_left(one_off, mailoutbox):
    warn(DAY_BEFORE)

    send(DAY_BEFORE)
    send(DAY_BEFORE)

    (email,) = mailoutbox
    assert (email.to, email.subject) == (["ada@example.com"], "Expires soon: Interview")
    assert email.message()["Reply-To"] == "Dana Scott <dana@example.com>"
    assert (
        email.body
        == f"""\
Interview

Nobody has booked this one-off meeting yet, and it expires within a day. Its link hasn't been opened.

Expires
Tuesday 1 December 2026, 11:00 GMT

Times left
Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)
Tuesday 1 December 2026, 11:00 to 11:30 (London, GMT)

For
Dana Scott
dana@example.com

Open the meeting and its link:
http://caledee.test/one-offs/{one_off.pk}/

--
You're receiving this email because you organize this one-off meeting. You get it once per link.
"""
    )


def test_a_one_off_booked_before_the_email_is_sent_gets_no_warning(one_off, mailoutbox):
    warn(DAY_BEFORE)
    book_one_off(one_off, "09:00")

    send(DAY_BEFORE)

    assert mailoutbox == []
    assert EmailRecord.objects.get(kind=OneOffEmail.RUNNING_OUT).dropped_at == DAY_BEFORE


def test_a_one_off_reopened_or_deleted_before_the_email_is_sent_gets_no_warning(one_off, ada, grace, mailoutbox):
    deleted = make_one_off(grace, "11:00")
    warn(DAY_BEFORE)
    delete_one_off(deleted, by=grace, now=DAY_BEFORE)
    cancel(book_one_off(one_off, "09:00"), by=Canceller.INVITEE, now=DAY_BEFORE)
    reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=DAY_BEFORE)

    send(DAY_BEFORE)

    assert mailoutbox == []
    dropped = EmailRecord.objects.filter(kind=OneOffEmail.RUNNING_OUT).values_list("address", "dropped_at")
    assert sorted(dropped) == [("ada@example.com", DAY_BEFORE), ("grace@example.com", DAY_BEFORE)]


def test_withdrawing_the_last_time_makes_it_expire_sooner(one_off, ada):
    withdraw_time(time_of(one_off, "11:00"), by=ada, now=DAY_BEFORE - timedelta(days=1))

    assert warn(DAY_BEFORE - timedelta(hours=2)) == ["ada@example.com"]


@pytest.mark.parametrize("number", [1, 3])
def test_finding_expiring_one_offs_makes_the_same_number_of_queries(
    ada, grace, alan, number, django_assert_num_queries
):
    for person in [ada, grace, alan][:number]:
        make_one_off(person, "11:00")

    with django_assert_num_queries(5):
        found = expiring(now=DAY_BEFORE)

    assert len(found) == number
