"""What `manage.py audit` finds and prints."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from caledee.account_pages.deletion import close_account
from caledee.email.models import EmailRecord
from caledee.management.commands.audit import CHECKS
from caledee.upkeep.anonymize import anonymize_meetings
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.models import CounterTime, OneOffMeeting
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import Wish, decline, propose
from scheduling.audit import BOOKINGS_TAKE_TIME, HISTORY_IS_WHOLE, NEWS_IS_MAILED
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer
from scheduling.models import Activity, Booking, BusyTime, Canceller
from tests.caledee.ops.audit_breaks import BREAKS
from tests.factories import (
    DANA,
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    make_invitation,
    make_one_off,
    offer_of,
    on_tuesday,
    time_of,
)
from tests.races.audit import findings
from tests.support.calendars import make_calendar
from tests.support.tables import all_rows
from tests.support.times import NOW
from tests.support.undone import undone

# Ids and what they are the ids of: no tokens, addresses or names.
LINE = re.compile(r"[^:]+\. Violated: (\w+ ([0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(, |$))+")


@pytest.fixture
def books(organization, ada, grace, alan):
    """A few rows of everything, all consistent."""
    offered = make_one_off(ada, "09:00", "09:15", "10:00", cohosts=[alan], created_by=grace, name="Open")
    withdraw_time(time_of(offered, "10:00"), by=grace, now=NOW)
    decline(ask(offered, "11:00"), "Not then.", by=ada, now=NOW)
    ask(offered, "11:30")

    booked = make_one_off(ada, "14:00", "15:00", cohosts=[grace], name="Booked")
    ask(booked, "16:00", who=EDSGER)
    ask(booked, "16:15")
    booking = book_one_off(booked, "15:00")
    ask(booked, "16:30", booking=booking)
    accept(CounterTime.objects.select_related("proposal__one_off__organizer").latest("start"), by=grace, now=NOW)

    again = make_one_off(grace, "17:00", "17:30", cohosts=[ada], name="Reopened", hold_times=False)
    cancel(book_one_off(again, "17:00"), by=Canceller.INVITEE, now=NOW)
    reopen(OneOffMeeting.objects.get(pk=again.pk), valid_until=None, by=grace, now=NOW)

    delete_one_off(make_one_off(ada, "18:00", name="Deleted"), by=grace, now=NOW)
    make_one_off(alan, "19:00", name="Lapsed", valid_until=on_tuesday("08:00"))

    moved = book_event_type(ada, "12:00")
    offer = EventTypeOffer(moved.event_type, moved=moved)
    reschedule(moved, offer, offer.slot(on_tuesday("12:30").isoformat()), now=NOW)
    cancel(book_event_type(ada, "13:00"), by=Canceller.ORGANIZER, now=NOW)

    work = make_calendar(grace, half_hour("10:00"), half_hour("11:00"), next_try_at=NOW + timedelta(days=9999))
    make_calendar(grace, connection=work.connection, name="Holidays", counts=False, read_at=None)

    alan.room_template = "https://meet.example.org/{random}"
    alan.save()
    book_one_off(make_one_off(alan, "20:00", name="In a room", location="", room_kind="template"), "20:00")

    for name in ("emmy", "erna"):
        make_invitation(organization, f"{name}@example.com", ada)


def ask(one_off, clock, *, who=DANA, booking=None):
    wish = Wish(who.name, who.email, who.time_zone, [on_tuesday(clock)])
    return propose(offer_of(one_off).link, wish, booking=booking, now=NOW)


def test_books_in_order_balance(books):
    assert findings(CHECKS, now=NOW) == []


def test_a_hold_that_has_lapsed_may_lie_about(books):
    afterwards = on_tuesday("08:30")
    assert BusyTime.objects.filter(lapses_at__lte=afterwards).count() == 1

    assert findings(CHECKS, now=afterwards) == []


def test_the_books_of_those_who_left_balance(books, ada, alan, grace):
    for person in (alan, grace, ada):
        close_account(person, now=NOW)
        assert findings(CHECKS, now=NOW) == []


@pytest.fixture
def old_books(ada, grace):
    """Data of a version that kept neither history nor records of emails, before the upgrade."""
    make_one_off(ada, "09:00", "09:15", created_by=grace, name="Open")
    book_one_off(make_one_off(ada, "14:00", "15:00", name="Booked"), "15:00")
    cancel(book_event_type(ada, "13:00"), by=Canceller.ORGANIZER, now=NOW)
    booking = book_event_type(ada, "12:00")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scheduling_activity; DELETE FROM scheduling_mailrecord")
        cursor.execute("UPDATE django_migrations SET applied = %s", [NOW + timedelta(minutes=1)])
    return booking


def test_what_is_older_than_the_records_it_asks_for_is_not_reported(old_books):
    assert findings(CHECKS, now=NOW) == []


def test_what_is_younger_is_reported_beside_what_is_older(old_books, ada):
    later = timezone.now() + timedelta(hours=1)
    old = old_books
    first = book_event_type(ada, "10:30", now=later - timedelta(minutes=1))
    cancel(old, by=Canceller.INVITEE, now=later)
    second = book_event_type(ada, "13:30", now=later)
    assert findings(CHECKS, now=NOW) == []

    EmailRecord.objects.filter(subject=second.pk, role="invitee").delete()
    EmailRecord.objects.filter(subject=old.pk, kind="cancelled", role="organizer").delete()
    Activity.objects.filter(subject__in=[old.pk, second.pk], kind__in=["booked", "cancelled"]).delete()

    assert set(findings(CHECKS, now=NOW)) == {
        f"{NEWS_IS_MAILED.rule} Violated: booking {second.pk}",
        f"{NEWS_IS_MAILED.rule} Violated: booking {old.pk}, person {ada.pk}",
        f"{HISTORY_IS_WHOLE.rule} Violated: booking {old.pk}",
        f"{HISTORY_IS_WHOLE.rule} Violated: booking {second.pk}",
    }
    assert first.pk not in {old.pk, second.pk}


def test_the_books_of_forgotten_invitees_balance(books):
    anonymize_meetings(days=1, now=NOW + timedelta(days=60))

    assert findings(CHECKS, now=NOW + timedelta(days=60)) == []


def test_each_check_finds_what_it_is_for_and_no_other_does(books):
    found, lines = [], []
    for _, sql in BREAKS:
        with undone(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql)
            broken = findings(CHECKS, now=NOW)
            found.append((sql, {finding.partition(" Violated: ")[0] for finding in broken}))
            lines += broken

    assert found == [(sql, {check.rule}) for check, sql in BREAKS]
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_no_check_goes_unproved():
    assert {check.rule for check, _ in BREAKS} == {check.rule for check in CHECKS}


def seen() -> str:
    numbers = [model.objects.count() for model in (BusyTime, Booking, OneOffMeeting, EmailRecord)]
    return "{} checks of {} busy times, {} bookings, {} one-off meetings and {} emails".format(len(CHECKS), *numbers)


@pytest.mark.django_db(transaction=True)
def test_the_command_reports_no_problems_and_writes_nothing(books):
    before = all_rows()

    call_command("audit", stdout=(output := StringIO()))

    assert output.getvalue() == f"No problems found: {seen()}.\n"
    assert all_rows() == before


@pytest.mark.django_db(transaction=True)
def test_the_command_names_what_is_wrong_by_ids_alone(books, grace):
    panel = Booking.objects.get(name="Booked")
    EmailRecord.objects.filter(subject=panel.pk, role="cohost", kind="confirmed").delete()
    BusyTime.objects.filter(claim=panel.pk, organizer=grace).delete()

    with pytest.raises(CommandError) as error:
        call_command("audit", stdout=(output := StringIO()))

    assert (str(error.value), error.value.returncode) == (f"2 problems found: {seen()}.", 1)
    assert output.getvalue().splitlines() == [
        f"{BOOKINGS_TAKE_TIME.rule} Violated: booking {panel.pk}, person {grace.pk}",
        f"{NEWS_IS_MAILED.rule} Violated: booking {panel.pk}, person {grace.pk}",
    ]
