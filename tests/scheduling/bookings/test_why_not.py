"""Why a time can't be booked: each reason alone, and never a reason for a time that can be."""

from datetime import timedelta

import pytest

from scheduling.bookings.offers import EventTypeOffer
from scheduling.bookings.why_not import Obstacle, why_not
from scheduling.event_types import switch_off
from tests.factories import book_event_type, half_hour, make_one_off
from tests.support.calendars import make_calendar
from tests.support.times import NOW, at

MINUTE = timedelta(minutes=1)
TEN = at("2026-12-01 10:00")


@pytest.fixture
def event_type(ada):
    return ada.event_types.get()


def obstacles(event_type, start=TEN):
    event_type.save()
    return [each.obstacle for each in why_not(EventTypeOffer(event_type), start, now=NOW)]


def test_a_time_that_can_be_booked_has_no_obstacle(event_type):
    assert obstacles(event_type) == []


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("2026-11-20 10:00", [Obstacle.PAST]),
        ("2027-11-30 10:00", [Obstacle.WINDOW]),
        ("2026-12-01 18:00", [Obstacle.HOURS]),
        ("2026-12-01 16:45", [Obstacle.HOURS]),
        ("2026-12-01 10:05", [Obstacle.GRID]),
        ("2027-12-04 20:00", [Obstacle.WINDOW, Obstacle.HOURS]),
    ],
)
def test_rules_are_named(event_type, start, found):
    assert obstacles(event_type, at(start)) == found


def test_the_minimum_notice_is_named(event_type):
    event_type.minimum_notice = timedelta(days=20)

    assert obstacles(event_type) == [Obstacle.NOTICE]


def test_a_paused_event_type_is_named_first(event_type):
    switch_off(event_type, now=NOW)
    event_type.refresh_from_db()

    assert obstacles(event_type, at("2026-12-01 18:00")) == [Obstacle.PAUSED, Obstacle.HOURS]


def test_meetings_holds_and_calendars_are_named(ada, event_type):
    book_event_type(ada, "09:00")
    make_one_off(ada, "10:00")
    make_calendar(ada, half_hour("11:00"), name="Work")

    assert obstacles(event_type, at("2026-12-01 09:00")) == [Obstacle.BOOKING]
    assert obstacles(event_type) == [Obstacle.HOLD]
    [why] = why_not(EventTypeOffer(event_type), at("2026-12-01 11:00"), now=NOW)
    assert (why.obstacle, why.taken.source) == (Obstacle.CALENDAR, "Work")
    assert obstacles(event_type, at("2026-12-01 11:30")) == []


def test_what_is_closer_than_a_buffer_is_named(ada, event_type):
    make_calendar(ada, half_hour("11:00"))
    event_type.after_buffer = 31 * MINUTE

    assert obstacles(event_type) == [Obstacle.CALENDAR]


def test_a_calendar_that_was_not_read_is_named(ada, event_type):
    make_calendar(ada, read_at=NOW - timedelta(hours=2))

    assert obstacles(event_type) == [Obstacle.UNKNOWN]


def test_the_daily_limit_is_named(ada, event_type):
    event_type.daily_limit = 1
    book_event_type(ada, "09:00")

    assert obstacles(event_type) == [Obstacle.DAILY_LIMIT]


def test_every_quarter_of_an_hour_has_a_reason_or_can_be_booked(ada, event_type):
    book_event_type(ada, "09:30")
    make_one_off(ada, "12:00")
    make_calendar(ada, half_hour("14:00"))
    event_type.before_buffer, event_type.after_buffer = 10 * MINUTE, 20 * MINUTE
    event_type.save()
    offer = EventTypeOffer(event_type)
    starts = [at("2026-12-01 07:00") + n * 15 * MINUTE for n in range(48)]

    explained = {start for start in starts if why_not(offer, start, now=NOW)}

    open_ones = {start for start in starts if offer.is_open(offer.slot_at(start), now=NOW)}
    assert open_ones
    assert explained == set(starts) - open_ones
