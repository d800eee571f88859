"""Times of day as people type them."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caledee.accounts.models import User
from caledee.timekeeping.clock import Clock
from caledee.timekeeping.clock_text import read_clock, read_end
from caledee.timekeeping.reader import say_clock, written_for
from caledee.web.clock_fields import describe_invalid, join_local, plain_clock, say_typed, split_local

HALF_PAST_NINE = [
    "930",
    "0930",
    "9.30",
    "9:30",
    "09:30",
    "9h30",
    "9 30",
    "9,30",
    "9:30:00",
    "9:30 am",
    "930am",
    " 9:30 ",
]
HALF_PAST_TWO = ["1430", "14.30", "14:30", "14h30", "2:30pm", "2:30 PM", "2:30 p.m.", "2.30 p. m.", "230p", "14:30h"]
NO_TIMES = [
    "",
    " ",
    "24:01",
    "25",
    "2500",
    "9:60",
    "9:3",
    "13pm",
    "0am",
    "14:30:05",
    "12345",
    "-9",
    "9-10",
    "tea",
    "h",
]
NO_TIMES += ["\u0669", "9 past", "h", "x" * 5000, "9" * 5000, "9:30 am pm"]


@pytest.mark.parametrize(
    ("texts", "clock"),
    [
        (["9", "09", "9h", "9 Uhr", "9am", "9 a.m.", "9 o\u2019clock", "\uff19"], time(9)),
        (HALF_PAST_NINE, time(9, 30)),
        (HALF_PAST_TWO, time(14, 30)),
        (["2pm", "14", "14h", "1400", "2 p.m."], time(14)),
        (["noon", "Noon", "midday", "12", "12pm", "12:00 p.m."], time(12)),
        (["midnight", "0", "00", "0:00", "000", "12am", "12:00 AM"], time(0)),
        (["12:05am", "0:05", "005"], time(0, 5)),
        (["23:59", "2359", "11:59 pm"], time(23, 59)),
    ],
)
def test_ways_to_type_a_time(texts, clock):
    assert {text: read_clock(text) for text in texts} == dict.fromkeys(texts, clock)
    assert {text: read_end(text) for text in texts} == dict.fromkeys(texts, clock)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_none_and_stays_as_it_was_typed(text):
    assert read_clock(text) is None
    assert read_end(text) is None
    assert say_typed(text) == text
    assert plain_clock(text) == text[:20]


@pytest.mark.parametrize("text", ["24:00", "24", "2400", "24.00", "24h"])
def test_a_day_ends_at_24_and_nothing_begins_there(text):
    assert (read_end(text), read_clock(text)) == (time(0), None)


@given(st.times())
def test_what_is_written_reads_back_on_either_clock(clock):
    minute = clock.replace(second=0, microsecond=0)
    for chosen in Clock:
        with written_for(User(clock=chosen)):
            said = say_clock(clock)
            assert read_clock(said) == read_end(said) == minute
            assert say_typed(plain_clock(said)) == said
            ended = say_typed(plain_clock(said, ends=True), ends=True)
            assert read_end(ended) == minute


@given(st.text(max_size=40))
def test_every_text_is_read_as_a_time_to_the_minute_or_none(text):
    read = read_clock(text)

    assert read is None or (read.second, read.microsecond, read.tzinfo) == (0, 0, None)
    assert read is None or read_end(text) == read
    assert read is None or plain_clock(text) == f"{read:%H:%M}"


def test_the_end_of_a_day_is_said_on_either_clock():
    with written_for(User(clock=Clock.TWELVE)):
        assert [say_typed("00:00"), say_typed("00:00", ends=True)] == ["12:00 am", "midnight"]
    with written_for(User(clock=Clock.TWENTY_FOUR)):
        assert [say_typed("00:00"), say_typed("00:00", ends=True)] == ["00:00", "24:00"]


@pytest.mark.parametrize(
    ("day", "clock", "text", "missing"),
    [
        ("2026-12-01", "9", "2026-12-01T09:00", None),
        (" 2026-12-01 ", " 2:30 pm ", "2026-12-01T14:30", None),
        ("", "", "", None),
        ("2026-12-01", "", "2026-12-01T", "Enter a time of day, such as 9:00 or 2:30 pm."),
        ("2026-12-01", "soon", "2026-12-01Tsoon", "Enter a time of day, such as 9:00 or 2:30 pm."),
        ("", "9", "T09:00", "Enter a date as well."),
        ("2026-02-30", "9", "2026-02-30T09:00", "Enter a date and time, such as 2026-12-01T09:00."),
        ("tea", "9", "teaT09:00", "Enter a date and time, such as 2026-12-01T09:00."),
    ],
)
def test_two_fields_are_one_local_time_or_say_what_is_missing(day, clock, text, missing):
    assert join_local(day, clock) == text
    if missing:
        assert describe_invalid(text) == missing


@pytest.mark.parametrize(
    ("text", "day", "clock", "kind"),
    [
        ("2026-12-01T14:30", "2026-12-01", "14:30", "date"),
        ("2026-12-01Tsoon", "2026-12-01", "soon", "date"),
        ("T14:30", "", "14:30", "date"),
        ("", "", "", "date"),
        ("tea", "tea", "", "text"),
        ("2026-02-30T09:00", "2026-02-30T09:00", "", "text"),
    ],
)
def test_a_typed_time_is_shown_in_its_two_fields(text, day, clock, kind):
    split = split_local(text)

    assert (split.day, split.clock, split.kind) == (day, clock, kind)
