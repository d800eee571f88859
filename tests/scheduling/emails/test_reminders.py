"""When reminders are sent, to whom, and when none is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.emails.kinds import BookingEmail
from scheduling.emails.reminders import due_at, is_timely
from scheduling.models import Canceller
from scheduling.tasks import queue_reminders, send_reminder
from tests.factories import book_intro
from tests.support.times import LONDON, NEW_YORK, NOW, at

WEEK, DAY, HOUR, QUARTER = 7 * 24 * 60, 24 * 60, 60, 15
# In New York it is 04:00 when it is 09:00 in London.
DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="America/New_York")
START = at("2026-12-01 09:00")


@pytest.fixture
def booking(ada):
    with time_machine.travel(NOW, tick=False):
        return book_intro(ada, "2026-12-01 09:00", DANA)


def look(moment):
    """Return the recipients and lead minutes of what the periodic task queues at that moment."""
    before = set(EmailRecord.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        queue_reminders(0)
    new = EmailRecord.objects.filter(kind=BookingEmail.REMINDER).exclude(pk__in=before)
    leads = {each.args["mail_id"]: each.args["lead"] for each in reminder_jobs()}
    return sorted((each.address, leads[str(each.pk)]) for each in new)


def reminder_jobs():
    return ProcrastinateJob.objects.filter(task_name="scheduling.mail_reminder", status="todo")


def send(moment):
    """Run every queued reminder. This can be repeated."""
    with time_machine.travel(moment, tick=False):
        for job in reminder_jobs():
            send_reminder(**job.args)


@pytest.mark.parametrize(
    ("start", "zone", "lead", "due"),
    [
        # An ordinary day.
        ("2026-12-01 09:00", LONDON, DAY, "2026-11-30T09:00Z"),
        ("2026-12-01 09:00", LONDON, HOUR, "2026-12-01T08:00Z"),
        ("2026-12-01 09:00", LONDON, QUARTER, "2026-12-01T08:45Z"),
        ("2026-12-01 09:00", LONDON, WEEK, "2026-11-24T09:00Z"),
        # Clocks go forward on 29 March 2026 in London, on 8 March in New York: 23 hours before.
        ("2026-03-29 12:00", LONDON, DAY, "2026-03-28T12:00Z"),
        ("2026-03-08 12:00", NEW_YORK, DAY, "2026-03-07T17:00Z"),
        # And back on 25 October and on 1 November: 25 hours before.
        ("2026-10-25 12:00", LONDON, DAY, "2026-10-24T11:00Z"),
        ("2026-11-01 12:00", NEW_YORK, DAY, "2026-10-31T16:00Z"),
        ("2026-10-26 09:00", LONDON, WEEK, "2026-10-19T08:00Z"),
        # What clocks skipped the day before is the moment they jumped; an hour is an hour on all days.
        ("2026-03-30 01:30", LONDON, DAY, "2026-03-29T01:00Z"),
        ("2026-03-29 02:30", LONDON, HOUR, "2026-03-29T00:30Z"),
        ("2026-11-01 03:00", NEW_YORK, HOUR, "2026-11-01T07:00Z"),
        # The hour that comes twice: its first.
        ("2026-10-26 01:30", LONDON, DAY, "2026-10-25T00:30Z"),
    ],
)
def test_a_day_before_follows_the_clock_and_an_hour_before_the_elapsed_time(start, zone, lead, due):
    assert due_at(at(start, zone), lead, zone) == datetime.fromisoformat(due)


def test_each_reader_has_a_day_of_their_own_where_clocks_change_apart():
    """Clocks in New York go back on 1 November 2026, a week after those in London."""
    start = at("2026-11-01 15:00", LONDON)

    assert start - due_at(start, DAY, LONDON) == timedelta(hours=24)
    assert start - due_at(start, DAY, NEW_YORK) == timedelta(hours=25)
    assert start - due_at(start, DAY, ZoneInfo("Asia/Kolkata")) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("minutes", "timely"), [(-1, False), (0, True), (29, True), (30, False), (60, False), (90, False)]
)
def test_a_reminder_comes_late_by_half_of_its_time_at_most(minutes, timely):
    due = START - timedelta(minutes=60)

    assert is_timely(START, due, now=due + timedelta(minutes=minutes)) is timely


def test_both_sides_are_reminded_a_day_and_an_hour_before_once_each(booking):
    looks = {
        "before": look(START - timedelta(days=1, minutes=1)),
        "a day before": look(START - timedelta(days=1)),
        "a minute later": look(START - timedelta(days=1, minutes=-1)),
        "an hour before": look(START - timedelta(hours=1)),
        "after that": look(START - timedelta(minutes=59)),
        "when it begins": look(START),
    }

    assert looks == {
        "before": [],
        "a day before": [("ada@example.com", DAY), ("dana@example.com", DAY)],
        "a minute later": [],
        "an hour before": [("ada@example.com", HOUR), ("dana@example.com", HOUR)],
        "after that": [],
        "when it begins": [],
    }


def test_reminder_is_sent_once_and_says_when_and_where(booking, mailoutbox):
    moment = START - timedelta(hours=1)
    look(moment)

    send(moment)
    send(moment)

    assert sorted((email.to[0], email.subject) for email in mailoutbox) == [
        ("ada@example.com", "Reminder: Intro call, Tuesday 1 December 2026, 09:00 GMT"),
        ("dana@example.com", "Reminder: Intro call, Tuesday 1 December 2026, 04:00 EST"),
    ]
    to_dana = next(email for email in mailoutbox if email.to == ["dana@example.com"])
    assert to_dana.body.startswith("Intro call\n\nThis is a reminder of your meeting with Ada Lovelace.\n")
    for line in [
        "04:00 to 04:30 (New York, EST)",
        "09:00 to 09:30 (London, GMT)",
        "Video call: https://meet.example.com/ada",
        f"http://caledee.test/bookings/{booking.token}/",
    ]:
        assert line in to_dana.body.splitlines()
    to_ada = next(email for email in mailoutbox if email.to == ["ada@example.com"])
    assert "This is a reminder of your meeting with Dana Scott." in to_ada.body
    assert booking.token not in to_ada.body
    replies = {email.to[0]: email.message()["Reply-To"] for email in mailoutbox}
    assert replies == {
        "ada@example.com": "Dana Scott <dana@example.com>",
        "dana@example.com": "Ada Lovelace <ada@example.com>",
    }


def test_cohosts_are_reminded_as_they_set_it(ada, grace, alan, booking):
    booking.cohosts.add(grace, alan)
    alan.own_reminders = [QUARTER]
    alan.save()

    assert look(START - timedelta(hours=1)) == [
        ("ada@example.com", HOUR),
        ("dana@example.com", HOUR),
        ("grace@example.com", HOUR),
    ]
    assert look(START - timedelta(minutes=15)) == [("alan@example.com", QUARTER)]


def test_organizer_decides_for_the_invitee_and_each_host_for_themselves(ada, booking):
    ada.own_reminders, ada.invitee_reminders = [], [QUARTER]
    ada.save()

    assert look(START - timedelta(hours=1)) == []
    assert look(START - timedelta(minutes=15)) == [("dana@example.com", QUARTER)]


def test_meeting_booked_after_that_moment_needs_no_such_reminder(ada):
    with time_machine.travel(START - timedelta(hours=3), tick=False):
        book_intro(ada, "2026-12-01 09:00", DANA, now=START - timedelta(hours=3))

    assert look(START - timedelta(hours=2)) == []
    assert [lead for _, lead in look(START - timedelta(hours=1))] == [HOUR, HOUR]


def test_worker_that_was_down_sends_nothing_of_yesterday(booking):
    assert look(START - timedelta(hours=12)) == []
    assert look(START - timedelta(minutes=20)) == []


def test_worker_that_was_down_for_a_moment_makes_up_for_it(booking):
    assert [lead for _, lead in look(START - timedelta(hours=13))] == [DAY, DAY]


def test_cancelled_meeting_is_not_reminded_of(booking, mailoutbox):
    moment = START - timedelta(hours=1)
    look(moment)
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    send(moment)

    assert mailoutbox == []
    records = EmailRecord.objects.filter(kind=BookingEmail.REMINDER)
    assert [(each.sent_at, each.dropped_at) for each in records] == [(None, moment)] * 2
    assert look(START - timedelta(hours=1)) == []


def test_moved_meeting_has_its_reminders_anew_and_none_of_those_before(booking, ada, mailoutbox):
    moment = START - timedelta(days=1)
    look(moment)
    offer = EventTypeOffer(ada.event_types.get(), moved=booking)
    with time_machine.travel(moment, tick=False):
        reschedule(booking, offer, offer.slot("2026-12-02T09:00:00Z"), now=moment)

    send(moment)

    assert mailoutbox == []
    assert [lead for _, lead in look(START)] == [DAY, DAY]


def test_reminder_that_was_turned_off_is_not_sent(ada, booking, mailoutbox):
    moment = START - timedelta(hours=1)
    look(moment)
    ada.own_reminders = []
    ada.save()

    send(moment)

    assert [email.to for email in mailoutbox] == [["dana@example.com"]]


def test_reminder_that_the_mail_server_delayed_for_too_long_is_dropped(booking, mailoutbox):
    look(START - timedelta(hours=1))

    send(START - timedelta(minutes=30))

    assert mailoutbox == []
    assert EmailRecord.objects.filter(kind=BookingEmail.REMINDER).exclude(dropped_at=None).count() == 2


@pytest.mark.parametrize("number", [1, 3])
def test_looking_takes_as_many_queries_for_any_number(ada, grace, number, django_assert_num_queries):
    with time_machine.travel(NOW, tick=False):
        for hour in range(9, 9 + number):
            book_intro(ada, f"2026-12-01 {hour:02}:00", DANA).cohosts.add(grace)

    # The bookings, their cohosts, when they were arranged, what was queued; then the records and the jobs.
    with time_machine.travel(at("2026-11-30 12:00"), tick=False), django_assert_num_queries(4 + 3):
        queue_reminders(0)

    assert EmailRecord.objects.filter(kind=BookingEmail.REMINDER).count() == 3 * number


def test_nothing_due_takes_few_queries(db, django_assert_num_queries):
    with time_machine.travel(datetime(2026, 11, 30, tzinfo=UTC), tick=False), django_assert_num_queries(1):
        queue_reminders(0)


def test_confirmations_are_sent_before_reminders(booking, ada):
    look(START - timedelta(days=1))
    with time_machine.travel(NOW, tick=False):
        book_intro(ada, "2026-12-02 09:00", DANA)

    waiting = ProcrastinateJob.objects.filter(status="todo").order_by("-priority", "pk")
    tasks = [job.task_name.removeprefix("scheduling.") for job in waiting]
    assert tasks == ["mail_confirmation"] * 4 + ["mail_reminder"] * 2
