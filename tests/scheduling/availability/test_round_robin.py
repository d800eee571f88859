"""Whose turn it is in a round robin."""

from datetime import timedelta
from itertools import permutations

import pytest

from scheduling.availability.round_robin import Turn, first_turn, next_host, week_of
from scheduling.bookings.book import cancel
from scheduling.models import ZERO, Canceller
from tests.factories import book_event_type, book_team, half_hour, make_one_off, make_round_robin
from tests.support.times import NOW, at, between

HOUR = timedelta(hours=1)
EARLIER, LATER = NOW - HOUR, NOW


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([Turn(HOUR, None), Turn(ZERO, LATER)], 1),  # the least busy, however lately booked
        ([Turn(HOUR, LATER), Turn(HOUR, EARLIER)], 1),  # as busy: the longest unbooked
        ([Turn(HOUR, EARLIER), Turn(HOUR, None)], 1),  # never is longest
        ([Turn(ZERO, None), Turn(ZERO, None)], 0),  # else the order
        ([Turn(HOUR, EARLIER), Turn(HOUR, EARLIER)], 0),
        ([Turn(HOUR, EARLIER)], 0),
    ],
)
def test_the_least_busy_then_the_longest_unbooked_then_the_first(turns, expected):
    assert first_turn(turns) == expected


def test_the_order_decides_only_between_equals():
    turns = [Turn(HOUR, None), Turn(ZERO, LATER), Turn(ZERO, EARLIER), Turn(2 * HOUR, None)]

    assert {order[first_turn(order)] for order in permutations(turns)} == {Turn(ZERO, EARLIER)}


@pytest.mark.parametrize("day", ["2026-11-30 00:00", "2026-12-02 12:00", "2026-12-06 23:59"])
def test_a_week_goes_from_monday_to_sunday(day):
    assert week_of(at(day)) == between("2026-11-30 00:00", "2026-12-07 00:00")


def test_the_first_booking_goes_to_the_first_and_the_next_to_the_other(organization, ada, alan):
    event_type = make_round_robin(organization, alan, ada)

    bookings = [
        book_team(event_type, clock, now=NOW + n * HOUR) for n, clock in enumerate(["09:00", "09:30", "10:00"])
    ]

    assert [booking.organizer for booking in bookings] == [alan, ada, alan]


def test_all_bookings_of_the_week_count_as_busy_but_holds_and_other_weeks_do_not(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)
    make_one_off(alan, "10:00", "10:30")
    last_week = between("2026-11-27 09:00", "2026-11-27 11:00")
    alan.busy_times.create(kind="booking", claim=alan.pk, start=last_week.start, end=last_week.end)

    assert book_team(event_type, "09:00").organizer == ada  # both have nothing booked
    book_event_type(alan, "09:30")
    book_event_type(alan, "11:00")

    assert book_team(event_type, "10:00", now=NOW + HOUR).organizer == ada


def test_only_what_lies_within_the_week_counts(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)
    for host, start, end in [
        (ada, "2026-11-30 08:00", "2026-11-30 09:00"),
        (alan, "2026-11-29 18:00", "2026-11-30 00:30"),
    ]:
        host.busy_times.create(kind="booking", claim=host.pk, start=at(start), end=at(end))

    assert next_host([ada, alan], event_type, half_hour("10:00"), now=NOW) == alan


def test_a_cancelled_booking_does_not_count_as_a_turn(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)
    cancel(book_team(event_type, "09:00"), by=Canceller.INVITEE, now=NOW)

    assert book_team(event_type, "09:30", now=NOW + HOUR).organizer == ada


def test_of_equally_busy_hosts_the_one_booked_longest_ago_is_next(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)
    first = book_team(event_type, "09:00", now=NOW)
    second = book_team(event_type, "09:30", now=NOW + HOUR)

    third = book_team(event_type, "10:00", now=NOW + 2 * HOUR)
    fourth = book_team(event_type, "10:30", now=NOW + 3 * HOUR)

    assert [each.organizer for each in (first, second, third, fourth)] == [ada, alan, ada, alan]


def test_choosing_takes_two_queries_however_many_hosts(organization, ada, grace, alan, django_assert_num_queries):
    event_type = make_round_robin(organization, ada, grace, alan)

    for hosts in ([ada], [ada, grace, alan]):
        with django_assert_num_queries(2):
            next_host(hosts, event_type, half_hour("10:00"), now=NOW)
