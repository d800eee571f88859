"""Outside busy times join the reading of taken time, and a calendar that isn't read closes its person's pages."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from caledee.timekeeping.periods import Period
from scheduling.availability.taken import Blocked, Taken, TakenKind, conflicts_with, read_blocking, read_taken
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.calendars.busy import closed_calendars
from scheduling.calendars.connecting import choose
from scheduling.models import BusyTime
from tests.factories import (
    book_event_type,
    book_one_off,
    book_team,
    clocks_on_tuesday,
    half_hour,
    make_collective,
    make_one_off,
    make_round_robin,
    offer_of,
    offered,
    team_offer_of,
)
from tests.support.calendars import make_calendar, make_connection
from tests.support.times import NOW, between

MORNING = between("2026-12-01 09:00", "2026-12-01 12:00")
TEN = half_hour("10:00")
HALF_AN_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)


def clocks_of(person):
    return clocks_on_tuesday(EventTypeOffer(person.event_types.get(slug="intro")))


def test_busy_times_of_several_calendars_and_the_ledger_are_one_list(ada, grace, django_assert_num_queries):
    booking = book_event_type(ada, "09:30")
    make_calendar(ada, half_hour("10:00"), half_hour("11:00"))
    make_calendar(ada, between("2026-12-01 10:15", "2026-12-01 11:15"), name="Home")
    make_calendar(grace, half_hour("11:30"))

    with django_assert_num_queries(1):
        found = read_taken([ada, grace], MORNING, now=NOW)

    assert found == [
        Taken(ada.pk, half_hour("09:30"), TakenKind.BOOKING, "ledger", booking.pk),
        Taken(ada.pk, half_hour("10:00"), TakenKind.OUTSIDE, "Work", None),
        Taken(ada.pk, between("2026-12-01 10:15", "2026-12-01 11:15"), TakenKind.OUTSIDE, "Home", None),
        Taken(ada.pk, half_hour("11:00"), TakenKind.OUTSIDE, "Work", None),
        Taken(grace.pk, half_hour("11:30"), TakenKind.OUTSIDE, "Work", None),
    ]


def test_periods_conflict_with_what_overlaps_them(ada, grace, django_assert_num_queries):
    booking = book_event_type(ada, "09:30")
    make_calendar(ada, half_hour("10:00"), half_hour("11:00"), between("2026-12-01 13:00", "2026-12-02 13:00"))
    make_calendar(grace, half_hour("11:15"), name="Home")
    make_calendar(grace, read_at=NOW - DAY, name="Closed")
    tokyo = Period(*(moment.astimezone(ZoneInfo("Asia/Tokyo")) for moment in (TEN.start, TEN.end)))
    periods = [half_hour("09:45"), tokyo, half_hour("10:30"), half_hour("11:15"), half_hour("12:30")]

    with django_assert_num_queries(1):
        found = conflicts_with([ada, grace], periods, now=NOW)

    meeting = Taken(ada.pk, half_hour("09:30"), TakenKind.BOOKING, "ledger", booking.pk)
    ten, eleven = (Taken(ada.pk, half_hour(clock), TakenKind.OUTSIDE, "Work", None) for clock in ("10:00", "11:00"))
    home = Taken(grace.pk, half_hour("11:15"), TakenKind.OUTSIDE, "Home", None)
    whole = between("2026-12-01 09:45", "2026-12-01 13:00")
    unknown = Taken(grace.pk, whole, TakenKind.UNKNOWN, "Closed", None)
    assert found == {
        periods[0]: [meeting, unknown, ten],
        tokyo: [unknown, ten],
        periods[2]: [unknown],
        periods[3]: [unknown, eleven, home],
        periods[4]: [unknown],
    }


def test_what_blocks_slots_is_merged_by_person(ada, grace, django_assert_num_queries):
    make_calendar(ada, half_hour("10:00"), half_hour("11:00"))
    make_calendar(ada, between("2026-12-01 10:15", "2026-12-01 11:00"), name="Home")
    make_calendar(grace, half_hour("10:15"))

    with django_assert_num_queries(1):
        found = read_blocking([ada, grace], MORNING, duration=HALF_AN_HOUR, now=NOW)

    assert found == {
        ada.pk: [Blocked(between("2026-12-01 10:00", "2026-12-01 11:30"))],
        grace.pk: [Blocked(half_hour("10:15"))],
    }


@pytest.mark.parametrize(("minutes", "fits"), [(29, False), (30, True), (31, True)])
def test_times_are_merged_if_no_meeting_fits_between_them(ada, minutes, fits):
    first, second = half_hour("10:00"), Period.lasting(half_hour("10:30").start + timedelta(minutes=minutes), HOUR)
    make_calendar(ada, first, second)

    found = read_blocking([ada], MORNING, duration=HALF_AN_HOUR, now=NOW)

    assert [each.period for each in found[ada.pk]] == ([first, second] if fits else [Period(first.start, second.end)])


def test_only_counting_calendars_count(ada):
    make_calendar(ada, half_hour("10:00"), counts=False, name="Holidays", read_at=None)

    assert read_taken([ada], MORNING, now=NOW) == []
    assert read_blocking([ada], MORNING, duration=HALF_AN_HOUR, now=NOW) == {}


@pytest.mark.parametrize("counts", [True, False])
def test_tentative_times_count_if_the_calendar_says_so(ada, counts):
    ten = half_hour("10:00")
    make_calendar(ada, ten, is_tentative=True, tentative_counts=counts)
    make_calendar(ada, half_hour("11:00"), tentative_counts=counts, name="Home")

    assert [each.source for each in read_taken([ada], MORNING, now=NOW)] == ["Work"] * counts + ["Home"]
    assert len(read_blocking([ada], MORNING, duration=HALF_AN_HOUR, now=NOW)[ada.pk]) == 1 + counts


def test_a_row_of_a_whole_day_is_found_from_its_last_moment(ada):
    whole_day = Period.lasting(MORNING.start - DAY + timedelta(minutes=1), DAY)
    make_calendar(ada, whole_day)

    assert [each.period for each in read_taken([ada], MORNING, now=NOW)] == [whole_day]
    assert read_taken([ada], Period.lasting(whole_day.end, HOUR), now=NOW) == []


def test_a_row_is_at_most_a_day_long(ada):
    calendar = make_calendar(ada)

    with pytest.raises(IntegrityError, match="outside_busy_length"):
        make_calendar(ada, Period.lasting(NOW, DAY + timedelta.resolution), connection=calendar.connection, name="B")


def test_outside_times_are_never_in_the_ledger(ada):
    make_calendar(ada, half_hour("10:00"))

    book_event_type(ada, "11:00")

    assert [row.period for row in BusyTime.objects.all()] == [half_hour("11:00")]


def test_an_event_type_offers_no_outside_time_and_books_none(ada):
    free = clocks_of(ada)
    make_calendar(ada, half_hour("10:00"), between("2026-12-01 13:15", "2026-12-01 13:20"))

    assert sorted(set(free) - set(clocks_of(ada))) == ["10:00", "13:00"]
    with pytest.raises(SlotTaken):
        book_event_type(ada, "10:00")
    assert book_event_type(ada, "10:30").start == half_hour("10:30").start


def test_an_outside_time_keeps_the_buffers_of_the_event_type(ada):
    ada.event_types.filter(slug="intro").update(after_buffer=timedelta(minutes=15))
    make_calendar(ada, half_hour("10:30"))

    assert [clock for clock in clocks_of(ada) if clock.startswith("1")][:2] == ["11:00", "11:30"]


@pytest.mark.parametrize(
    ("read", "limit", "is_closed"),
    [
        (timedelta(0), None, False),
        (HOUR, None, False),
        (HOUR + timedelta.resolution, None, True),
        (timedelta(minutes=31), timedelta(minutes=30), True),
        (3 * HOUR, 4 * HOUR, False),
        (None, 4 * HOUR, True),
    ],
)
def test_a_calendar_that_was_not_read_for_too_long_closes_the_pages(ada, read, limit, is_closed):
    read_at = None if read is None else NOW - read
    calendar = make_calendar(ada, read_at=read_at, stale_after=limit)

    assert bool(clocks_of(ada)) is not is_closed
    assert calendar.is_closed(NOW) is is_closed
    assert list(closed_calendars([ada], now=NOW)) == [calendar] * is_closed


def test_the_operator_chooses_the_usual_limit(ada, settings):
    settings.CALENDAR_STALE_SECONDS = 600
    make_calendar(ada, read_at=NOW - timedelta(minutes=11))

    assert clocks_of(ada) == []


def test_nothing_of_closed_pages_can_be_booked(ada):
    make_calendar(ada, read_at=NOW - 2 * HOUR)

    with pytest.raises(SlotTaken):
        book_event_type(ada, "10:00")


def test_one_closed_calendar_of_several_closes_the_pages(ada):
    make_calendar(ada)
    make_calendar(ada, read_at=None, name="Home")

    assert clocks_of(ada) == []


def test_a_round_robin_goes_on_with_the_other_hosts_and_a_collective_closes(organization, ada, alan):
    collective = make_collective(organization, ada, alan)
    round_robin = make_round_robin(organization, ada, alan, slug="round-robin")
    make_calendar(ada, read_at=None)

    assert clocks_on_tuesday(team_offer_of(collective)) == []
    assert "10:00" in clocks_on_tuesday(team_offer_of(round_robin))
    assert {book_team(round_robin, clock).organizer for clock in ("10:00", "10:30", "11:00")} == {alan}
    with pytest.raises(SlotTaken):
        book_team(collective, "11:30")


def test_a_closed_calendar_hides_the_times_of_a_one_off_and_keeps_its_link_open(ada):
    one_off = make_one_off(ada, "10:00", "11:00")
    calendar = make_calendar(ada, read_at=None)

    assert offered(one_off) == []
    assert offer_of(one_off).is_alive(now=NOW)
    with pytest.raises(SlotTaken):
        book_one_off(one_off, "10:00")

    choose(calendar, counts=False, now=NOW)

    assert offered(one_off) == [half_hour("10:00"), half_hour("11:00")]
    assert book_one_off(one_off, "10:00").organizer == ada


def test_nobody_else_is_concerned(ada, grace):
    make_calendar(grace, half_hour("10:00"), read_at=None)

    assert "10:00" in clocks_of(ada)


def test_an_account_is_deleted_with_its_calendars(ada):
    calendar = make_calendar(ada, half_hour("10:00"), connection=make_connection(ada))

    ada.delete()

    assert not type(calendar).objects.exists()
