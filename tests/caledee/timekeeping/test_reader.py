"""The clock and the week of the reader."""

import re
from datetime import date, datetime, time

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from caledee.accounts.models import User
from caledee.places.forms import answer_rows
from caledee.timekeeping.clock import Clock, WeekStart
from caledee.timekeeping.reader import present_week_start, say_clock, written_for
from caledee.web.day_strip import StripTime, day_strip
from scheduling.forms.schedule_draft import TypedDate, TypedHours
from tests.support.times import NOW

TWELVE = User(clock=Clock.TWELVE, week_start=WeekStart.SUNDAY)
TWENTY_FOUR = User(clock=Clock.TWENTY_FOUR, week_start=WeekStart.SATURDAY)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (time(0), "12:00 am"),
        (time(0, 5), "12:05 am"),
        (time(9), "9:00 am"),
        (time(11, 59), "11:59 am"),
        (time(12), "12:00 pm"),
        (time(12, 30), "12:30 pm"),
        (time(14, 30), "2:30 pm"),
        (time(23, 59), "11:59 pm"),
    ],
)
def test_clock_of_twelve_hours(clock, words):
    with written_for(TWELVE):
        assert say_clock(clock) == words


@given(st.times())
def test_no_two_minutes_of_a_day_are_written_alike_and_each_reads_back(clock):
    minute = clock.replace(second=0, microsecond=0)

    with written_for(TWELVE):
        twelve = say_clock(clock)
    with written_for(TWENTY_FOUR):
        twenty_four = say_clock(clock)

    assert re.fullmatch(r"(1[0-2]|[1-9]):[0-5][0-9] (am|pm)", twelve)
    assert datetime.strptime(twelve.upper(), "%I:%M %p").time() == minute  # noqa: DTZ007
    assert time.fromisoformat(twenty_four) == minute


@pytest.mark.parametrize("reader", [None, AnonymousUser()])
def test_invitees_read_twenty_four_hours_and_weeks_from_monday_on(reader):
    with written_for(reader):
        assert (say_clock(time(14, 30)), present_week_start()) == ("14:30", WeekStart.MONDAY)


def test_reader_ends_with_the_block_even_after_an_error():
    with pytest.raises(LookupError), written_for(TWELVE):
        raise LookupError

    assert say_clock(time(14, 30)) == "14:30"


def test_readers_within_readers_do_not_mix():
    with written_for(TWELVE):
        with written_for(TWENTY_FOUR):
            assert say_clock(time(14, 30)) == "14:30"
        assert say_clock(time(14, 30)) == "2:30 pm"


def test_strips_zones_and_dates_follow_the_reader():
    def words():
        strip = day_strip([StripTime("held", time(9), time(14, 30)), StripTime("working", time(15), None)])
        zone = answer_rows("london", now=NOW)[1][0]
        date_words = TypedDate("date0", [TypedHours("09:00", "17:30"), TypedHours("25:00", "")], text=str(date.max))
        return strip.words, [tick.hour for tick in strip.ticks], (zone.label, zone.clock), date_words.spans

    twenty_four = words()
    with written_for(TWELVE):
        twelve = words()

    assert twenty_four == (
        ["Working 15:00 to midnight", "Held 09:00 to 14:30"],
        ["06", "09", "12", "15", "18", "21"],
        ("London, United Kingdom", "08:00"),
        "09:00 to 17:30, 25:00 to ",
    )
    assert twelve == (
        ["Working 3:00 pm to midnight", "Held 9:00 am to 2:30 pm"],
        ["6 am", "9 am", "12 pm", "3 pm", "6 pm", "9 pm"],
        ("London, United Kingdom", "8:00 am"),
        "9:00 am to 5:30 pm, 25:00 to ",
    )
