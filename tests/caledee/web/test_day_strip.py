from datetime import time

from caledee.web.day_strip import StripBlock, StripTime, day_strip


def test_working_hours_lie_below_and_are_told_first():
    strip = day_strip(
        [
            StripTime("held", time(11), time(11, 30), "Interview"),
            StripTime("booked", time(10), time(10, 30), "Intro call"),
            StripTime("working", time(9), time(17)),
        ]
    )

    assert [block.kind for block in strip.blocks] == ["working", "booked", "held"]
    assert strip.words == [
        "Working 09:00 to 17:00",
        "Booked 10:00 to 10:30: Intro call",
        "Held 11:00 to 11:30: Interview",
    ]


def test_block_lies_where_its_time_is_in_the_day():
    strip = day_strip([StripTime("busy", time(6), time(12))])

    assert strip.blocks == [StripBlock(kind="busy", x="25.00", width="25.00", words="Busy 06:00 to 12:00")]


def test_time_without_an_end_lasts_until_midnight():
    strip = day_strip([StripTime("working", time(18), None)])

    assert strip.blocks[0].width == "25.00"
    assert strip.words == ["Working 18:00 to midnight"]


def test_day_with_nothing_on_it_still_shows_its_hours():
    strip = day_strip([])

    assert strip.blocks == []
    assert [tick.hour for tick in strip.ticks] == ["06", "09", "12", "15", "18", "21"]
