"""People learn by email that their pages have closed or opened again, and that they must reconnect: each once."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from procrastinate.contrib.django import app

from caledee.email.models import EmailRecord
from scheduling.calendars.connecting import disconnect
from scheduling.calendars.models import ClosedPages, Connection, OutsideCalendar
from scheduling.calendars.reading import Failure
from scheduling.calendars.tasks import notify
from tests.support.calendars import make_calendar, make_connection
from tests.support.times import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DEAD = NOW - HOUR - MINUTE


@pytest.fixture
def look():
    """Look for what people must know at this moment, and return the subjects of the emails queued then."""

    def look(now):
        before = set(EmailRecord.objects.values_list("pk", flat=True))
        with time_machine.travel(now, tick=False):
            notify(0)
        new = EmailRecord.objects.exclude(pk__in=before)
        return sorted(new.values_list("kind", "person__handle"))

    return look


def send(now):
    """Do the jobs of all emails that wait."""
    with time_machine.travel(now, tick=False):
        for record in EmailRecord.objects.waiting().order_by("queued_at"):
            app.tasks[record.task](**record.job, mail_id=str(record.pk))


def revive(calendar, now):
    OutsideCalendar.objects.filter(pk=calendar.pk).update(
        read_at=now, read_whole_at=now, failure="", failing_since=None, failures=0
    )


def test_pages_close_once_and_open_once(ada, grace, look):
    calendar = make_calendar(ada, read_at=NOW)
    make_calendar(grace, read_at=NOW + DAY)

    assert look(NOW + HOUR) == []
    assert look(NOW + HOUR + MINUTE) == [("pages_closed", "ada")]
    assert look(NOW + HOUR + 2 * MINUTE) == []
    revive(calendar, NOW + 2 * HOUR)
    assert look(NOW + 2 * HOUR) == [("pages_opened", "ada")]
    assert look(NOW + 2 * HOUR + MINUTE) == []
    assert not ClosedPages.objects.exists()


def test_several_calendars_are_one_email(ada, look):
    work, home = make_calendar(ada, read_at=DEAD), make_calendar(ada, read_at=DEAD, name="Home")

    assert look(NOW) == [("pages_closed", "ada")]
    revive(work, NOW)
    assert look(NOW + MINUTE) == []
    revive(home, NOW)
    assert look(NOW + 2 * MINUTE) == [("pages_opened", "ada")]


def test_a_reminder_follows_once_after_a_day(ada, look):
    make_calendar(ada, read_at=DEAD)
    look(NOW)

    assert look(NOW + DAY - MINUTE) == []
    assert look(NOW + DAY) == [("pages_still_closed", "ada")]
    assert look(NOW + 2 * DAY) == []


def test_pages_that_close_again_are_told_again(ada, look):
    calendar = make_calendar(ada, read_at=DEAD)
    look(NOW)
    revive(calendar, NOW)
    look(NOW)

    assert look(NOW + 2 * HOUR) == [("pages_closed", "ada")]


def test_a_first_reading_is_no_news_unless_it_fails_or_takes_long(ada, grace, alan, look):
    make_calendar(ada, read_at=None, chosen_at=NOW)
    failing = {"failure": "gone", "failing_since": NOW, "failures": 1}
    make_calendar(grace, read_at=None, chosen_at=NOW, **failing)
    make_calendar(alan, read_at=None, chosen_at=NOW, counts=False)

    assert look(NOW + MINUTE) == [("pages_closed", "grace")]
    assert look(NOW + 10 * MINUTE) == [("pages_closed", "ada")]


def test_a_person_without_an_account_gets_no_email(ada, look):
    make_calendar(ada, read_at=DEAD)
    ada.is_active = False
    ada.save()

    assert look(NOW) == []


def test_reconnecting_is_asked_for_once(ada, look):
    connection = make_connection(ada, needs_reconnecting_at=NOW)

    assert look(NOW) == [("reconnect", "ada")]
    assert look(NOW + DAY) == []
    Connection.objects.update(needs_reconnecting_at=NOW + DAY, told_at=None)
    assert look(NOW + DAY) == [("reconnect", "ada")]
    disconnect(connection, now=NOW + DAY)


def test_the_emails_say_what_is_wrong_and_what_to_do(ada, look):
    calendar = make_calendar(ada, read_at=NOW, failure=Failure.UNREACHABLE, failing_since=NOW + 5 * MINUTE, failures=9)
    look(NOW + HOUR + MINUTE)
    send(NOW + HOUR + MINUTE)

    [email] = mail.outbox
    assert (email.to, email.subject) == (["ada@example.com"], "Your pages offer no times")
    assert "Caledee can't read Work, so it doesn't know when you are busy." in email.body
    said = "Work hasn't answered since 08:05. Your pages have offered no times since 09:00."
    assert said in email.body
    assert "http://caledee.test/calendars/" in email.body

    revive(calendar, NOW + 2 * HOUR)
    look(NOW + 2 * HOUR)
    send(NOW + 2 * HOUR)

    assert [email.subject for email in mail.outbox] == ["Your pages offer no times", "Your pages offer times again"]


def test_an_email_that_became_wrong_before_it_was_sent_is_dropped(ada, look):
    calendar = make_calendar(ada, read_at=DEAD)
    look(NOW)
    revive(calendar, NOW)

    send(NOW)

    assert mail.outbox == []


def test_the_request_to_reconnect_names_the_server_and_no_secret(ada, look):
    connection = make_connection(ada, needs_reconnecting_at=NOW)
    make_calendar(
        ada, connection=connection, failure=Failure.UNAUTHORIZED, failing_since=NOW, failures=1, next_try_at=None
    )
    look(NOW)
    send(NOW)

    [email] = mail.outbox
    assert email.subject == "Reconnect Work"
    assert "calendars.example.com no longer accepts the sign-in. Reconnect Work." in email.body
    assert "secret" not in email.body
