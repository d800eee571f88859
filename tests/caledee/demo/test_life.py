"""The meetings that the demo starts with. They stay away from the days that people use first."""

from datetime import UTC, datetime, timedelta

import pytest

from caledee.accounts.models import User
from caledee.demo.life import create_demo
from caledee.email.models import EmailRecord
from caledee.locations import LocationKind
from caledee.timekeeping.zones import local_time
from oneoff.models import OneOffMeeting, ProposedTime
from scheduling.models import Booking, BusyTime, EventType
from tests.races.audit import assert_books_balance
from tests.support.times import LONDON

MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]
BEFORE_SUMMER_TIME = datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC)  # the meetings are in summer time

pytestmark = pytest.mark.django_db


def shown(moment):
    return f"{local_time(moment, LONDON):%a %-d %b %H:%M}"


def times_of(kind):
    return [(row.organizer.handle, shown(row.start)) for row in BusyTime.objects.filter(kind=kind).order_by("start")]


def test_ada_has_three_calls_a_booked_one_off_and_an_open_one_whose_times_are_held():
    create_demo(now=MONDAY)

    meetings = Booking.objects.order_by("start")
    assert [(each.name, each.invitee_name, shown(each.start)) for each in meetings] == [
        ("Intro call", "Nora Lindqvist", "Tue 29 Dec 12:30"),
        ("Intro call", "Tomás Ferreira", "Wed 30 Dec 16:30"),
        ("Contract review", "Kofi Mensah", "Thu 31 Dec 12:30"),
        ("Intro call", "Priya Raman", "Fri 1 Jan 12:30"),
    ]
    assert times_of("booking") == [("ada", shown(each.start)) for each in meetings]
    assert times_of("hold") == [("ada", "Wed 30 Dec 12:30"), ("ada", "Thu 31 Dec 16:30"), ("ada", "Fri 1 Jan 16:30")]
    links = {one_off.name: one_off.link.is_open(MONDAY) for one_off in OneOffMeeting.objects.all()}
    assert links == {"Interview with Sofia Marin": True, "Contract review": False}


@pytest.mark.parametrize("now", [*WEEK, BEFORE_SUMMER_TIME])
def test_meetings_start_in_the_fifth_week_on_weekdays_at_two_times_of_day(now):
    create_demo(now=now)

    today = local_time(now, LONDON).date()
    starts = [local_time(time.start, LONDON) for time in [*ProposedTime.objects.all(), *Booking.objects.all()]]
    assert len(starts) == 9
    assert {(start.date() - today).days for start in starts} <= {29, 30, 31, 32, 33, 34}
    assert {start.weekday() for start in starts} <= {0, 1, 2, 3, 4}
    assert {f"{start:%H:%M}" for start in starts} == {"12:30", "16:30"}


def test_both_sides_of_each_meeting_get_an_email():
    create_demo(now=MONDAY)

    assert sorted(EmailRecord.objects.values_list("address", flat=True)) == [
        *["ada@example.com"] * 4,
        "kofi@example.org",
        "nora@example.net",
        "priya@example.net",
        "tomas@example.org",
    ]


def test_the_people_are_as_documented():
    create_demo(now=MONDAY)

    assert list(User.objects.order_by("handle").values_list("handle", "plan")) == [
        ("ada", "team"),
        ("alan", "team"),
        ("grace", "team"),
        ("mary", "free"),
    ]
    intro = ("intro", "Intro call", timedelta(minutes=30), LocationKind.VIDEO, timedelta(days=60))
    fields = ["slug", "name", "duration", "location_kind", "booking_window"]
    assert list(EventType.objects.values_list(*fields)) == [intro] * 4


def test_a_second_start_adds_nothing_and_does_not_restore_what_was_deleted():
    create_demo(now=MONDAY)
    Booking.objects.filter(invitee_name="Nora Lindqvist").delete()
    before = [list(model.objects.order_by("pk")) for model in (User, Booking, OneOffMeeting, EmailRecord)]

    create_demo(now=MONDAY + timedelta(days=3))

    assert [list(model.objects.order_by("pk")) for model in (User, Booking, OneOffMeeting, EmailRecord)] == before


def test_an_audit_of_a_new_demo_finds_nothing():
    create_demo(now=MONDAY)

    assert_books_balance(now=MONDAY)
