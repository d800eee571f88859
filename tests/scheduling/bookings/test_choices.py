"""The day of an offer that is shown."""

from datetime import date, timedelta

import pytest

from caledee.timekeeping.periods import Period
from scheduling.bookings.choices import Month, PageQuery, Slot, times_of_one_day
from tests.support.times import LONDON, NEW_YORK, NOW, at

TODAY = date(2026, 11, 23)
LAST_DAY = date(2027, 1, 31)


def slot_at(start):
    return Slot(start.isoformat(), Period.lasting(start, timedelta(minutes=30)))


def find(*starts, **query):
    """Return the times shown when these starts are free, from 23 November until the end of January."""
    free = [at(start) for start in starts]
    return times_of_one_day(
        PageQuery(**{"zone": LONDON} | query),
        find_starts=lambda window: [start for start in free if window.start <= start < window.end],
        slot_at=slot_at,
        now=NOW,
        until=at("2027-02-01 00:00"),
    )


def shown(times):
    return times.day, [slot.value for slot in times.slots], times.other_day


def test_the_first_day_with_free_times_is_shown():
    times = find("2026-11-25 09:00", "2026-11-25 10:00", "2026-11-27 09:00")

    assert shown(times) == (
        date(2026, 11, 25),
        ["2026-11-25T09:00:00+00:00", "2026-11-25T10:00:00+00:00"],
        None,
    )
    assert times.month == Month(TODAY, TODAY, LAST_DAY, {date(2026, 11, 25), date(2026, 11, 27)})


def test_the_first_day_can_be_in_a_later_month():
    times = find("2026-12-03 09:00")

    assert shown(times) == (date(2026, 12, 3), ["2026-12-03T09:00:00+00:00"], None)
    assert times.month.shown == date(2026, 12, 3)


def test_a_day_without_free_times_names_the_nearest_one_that_has_some():
    assert shown(find("2026-12-03 09:00", day=date(2026, 12, 1))) == (date(2026, 12, 1), [], date(2026, 12, 3))
    assert shown(find("2026-11-25 09:00", day=date(2026, 12, 1))) == (date(2026, 12, 1), [], date(2026, 11, 25))


def test_a_later_day_replaces_it_if_that_will_do():
    times = find("2026-12-03 09:00", day=date(2026, 12, 1), or_later=True)

    assert shown(times) == (date(2026, 12, 3), ["2026-12-03T09:00:00+00:00"], None)


def test_a_month_without_free_times_shows_no_day():
    times = find("2026-11-25 09:00", month=date(2026, 12, 1))

    assert shown(times) == (None, [], date(2026, 11, 25))
    assert (times.month.shown, times.month.open_days) == (date(2026, 12, 1), set())


def test_days_are_those_of_the_viewer():
    assert find("2026-11-26 02:00", zone=NEW_YORK).day == date(2026, 11, 25)


@pytest.mark.parametrize(("asked", "month"), [(date(2026, 1, 1), TODAY), (date(2028, 1, 1), LAST_DAY)])
def test_a_day_out_of_reach_shows_the_nearest_month(asked, month):
    assert find("2026-12-03 09:00", day=asked).month.shown == month


def test_nothing_free_is_shown_as_nothing():
    times = find()

    assert shown(times) == (None, [], None)
    assert times.month == Month(TODAY, TODAY, LAST_DAY, set())
