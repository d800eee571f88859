from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from caledee.timekeeping.periods import Period
from caledee.timekeeping.wording import (
    clocks_differ,
    say_count,
    say_date,
    say_day,
    say_duration,
    say_location,
    say_month,
    say_names,
    say_start,
    say_time_span,
    say_utc,
    say_wait,
    say_when,
    say_zone,
)

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def test_day_is_said_whole():
    assert say_day(date(2026, 12, 1)) == "Tuesday 1 December 2026"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", "Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)"),
        ("America/New_York", "Tuesday 1 December 2026, 04:00 to 04:30 (New York, EST)"),
        ("America/Vancouver", "Tuesday 1 December 2026, 02:00 to 02:30 (Vancouver, MST)"),
        ("Asia/Kathmandu", "Tuesday 1 December 2026, 14:45 to 15:15 (Kathmandu, UTC+5:45)"),
        ("Pacific/Kiritimati", "Tuesday 1 December 2026, 23:00 to 23:30 (Kiritimati, UTC+14)"),
        ("Pacific/Pago_Pago", "Monday 30 November 2026, 22:00 to 22:30 (Pago Pago, SST)"),
        ("Pacific/Chatham", "Tuesday 1 December 2026, 22:45 to 23:15 (Chatham Islands, UTC+13:45)"),
        ("Pacific/Marquesas", "Monday 30 November 2026, 23:30 to 00:00 on Tuesday 1 December 2026"
                              " (Marquesas Islands, UTC-9:30)"),
        ("Asia/Calcutta", "Tuesday 1 December 2026, 14:30 to 15:00 (Kolkata, IST)"),
        ("Etc/GMT+5", "Tuesday 1 December 2026, 04:00 to 04:30 (UTC-5)"),
        ("UTC", "Tuesday 1 December 2026, 09:00 to 09:30 (UTC)"),
    ],
)  # fmt: skip
def test_time_is_said_with_its_zone(zone, words):
    assert say_when(Period.lasting(NINE, HALF_HOUR), ZoneInfo(zone)) == words


@pytest.mark.parametrize(
    ("start", "minutes", "words"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 15, "01:30 to 01:45 (London, BST)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 15, "01:30 to 01:45 (London, GMT)"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 45, "01:30 BST to 01:15 GMT (London)"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, "01:30 BST to 01:30 GMT (London)"),
        (datetime(2027, 3, 28, 0, 45, tzinfo=UTC), 30, "00:45 GMT to 02:15 BST (London)"),
        (datetime(2026, 12, 1, 23, 45, tzinfo=UTC), 30,
         "23:45 to 00:15 on Wednesday 2 December 2026 (London, GMT)"),
    ],
)  # fmt: skip
def test_span_names_the_repeated_hour_and_the_next_day(start, minutes, words):
    period = Period.lasting(start, timedelta(minutes=minutes))

    assert say_time_span(period, ZoneInfo("Europe/London")) == words


def test_standard_time_of_chatham():
    assert say_zone(ZoneInfo("Pacific/Chatham"), datetime(2026, 7, 1, tzinfo=UTC)) == "Chatham Islands, UTC+12:45"


def test_zone_without_a_moment_is_its_name():
    assert say_zone(ZoneInfo("Europe/London")) == "London"


def test_start_is_said_short_for_subjects():
    assert say_start(NINE, ZoneInfo("Asia/Kathmandu")) == "Tuesday 1 December 2026, 14:45 UTC+5:45"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (30, "30 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (720, "12 hours")],
)
def test_duration(minutes, words):
    assert say_duration(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        ("video", "https://meet.example.com/ada", "Video call: https://meet.example.com/ada"),
        ("video", "", "Video call – Ada will send the link"),
        ("phone", "+44 20 7946 0018", "Phone call: +44 20 7946 0018"),
        ("phone", "", "Phone call"),
        ("address", "12 St James's Square,\r\nLondon", "12 St James's Square, London"),
        ("ask_invitee", "Café Ünï", "Café Ünï"),
        ("ask_invitee", "", "Chosen by the invitee"),
    ],
)
def test_location(kind, detail, words):
    assert say_location(kind, detail, "Ada") == words


@pytest.mark.parametrize(
    ("zone", "other", "differ"),
    [
        ("Europe/London", "Asia/Kolkata", True),
        ("Asia/Calcutta", "Asia/Kolkata", False),
        ("Europe/London", "Europe/Lisbon", False),
    ],
)
def test_clocks_differ_where_they_show_other_times(zone, other, differ):
    assert clocks_differ(Period.lasting(NINE, HALF_HOUR), ZoneInfo(zone), ZoneInfo(other)) is differ


def test_names_are_listed_as_people_say_them():
    people = ["Ada Lovelace", "Grace\nHopper", "Alan Turing"]

    assert [say_names(people[:number]) for number in (1, 2, 3)] == [
        "Ada Lovelace",
        "Ada Lovelace and Grace Hopper",
        "Ada Lovelace, Grace Hopper and Alan Turing",
    ]


def test_alternatives_are_listed_with_or():
    assert say_names(["example.com", "example.org"], "or") == "example.com or example.org"


@pytest.mark.parametrize(("number", "words"), [(0, "0 times"), (1, "1 time"), (2, "2 times")])
def test_count_agrees_with_its_noun(number, words):
    assert say_count(number, "time") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (7200, "120 minutes"), (7201, "3 hours")],
)
def test_time_to_wait_is_rounded_up(seconds, words):
    assert say_wait(seconds) == words


def test_date_is_that_of_the_zone():
    midnight = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)

    assert (say_date(midnight, ZoneInfo("Europe/London")), say_date(midnight, ZoneInfo("Europe/Paris"))) == (
        "30 November 2026",
        "1 December 2026",
    )


def test_month_is_said_with_its_year():
    assert say_month(date(2026, 12, 31)) == "December 2026"


def test_operators_read_utc():
    assert say_utc(datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Paris"))) == "2026-12-01 09:00 UTC"
