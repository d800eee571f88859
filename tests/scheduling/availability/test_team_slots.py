"""When several people can be booked: together, and each of them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caledee.timekeeping.periods import Period
from scheduling.availability.slots import (
    USUAL_WEEK,
    SlotRules,
    WorkingHours,
    common_working_periods,
    open_starts,
    working_periods,
)
from scheduling.availability.taken import Blocked
from tests.scheduling.availability import minute_model
from tests.scheduling.availability.test_slots_properties import buffers, hours_of_a_day, slot_rules
from tests.support.times import between

HALF_HOURS = SlotRules(duration=timedelta(minutes=30), start_increment=timedelta(minutes=30))
ROUND_THE_CLOCK = {weekday: [(time(0), time(0))] for weekday in range(7)}

# Days on which clocks change somewhere in ZONES, and not in the others.
DAYS = [
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 9, 27),
    date(2026, 10, 25),
    date(2026, 11, 1),
]
ZONES = [
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Nuuk",
]


def usual(zone: str) -> WorkingHours:
    return WorkingHours(ZoneInfo(zone), USUAL_WEEK)


def starts_together(each: list[WorkingHours], window: Period, rules: SlotRules = HALF_HOURS, taken=()) -> list[str]:
    found = open_starts(
        common_working_periods([working_periods(hours, window) for hours in each]), taken, rules, window
    )
    return [f"{start.astimezone(UTC):%d %H:%M}" for start in found]


def test_the_grid_begins_where_the_hours_of_all_begin_to_meet():
    london, kathmandu = usual("Europe/London"), usual("Asia/Kathmandu")
    day = between("2026-12-01 00:00", "2026-12-02 00:00")

    # 9:00 to 17:00 in Kathmandu, five hours and three quarters ahead, ends at 11:15 in London.
    assert starts_together([london, kathmandu], day) == ["01 09:00", "01 09:30", "01 10:00", "01 10:30"]

    # In Chatham, 13:45 ahead, Tuesday's work ends before London's begins, and Wednesday's begins at 19:15.
    assert starts_together([london, usual("Pacific/Chatham")], day) == []


def test_a_quarter_of_an_hour_shifts_the_grid_where_it_begins_the_common_time():
    kathmandu = WorkingHours(ZoneInfo("Asia/Kathmandu"), {1: [(time(16), time(18))]})  # from 10:15 in London

    starts = starts_together([usual("Europe/London"), kathmandu], between("2026-12-01 00:00", "2026-12-02 00:00"))

    assert starts == ["01 10:15", "01 10:45", "01 11:15", "01 11:45"]


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("2026-03-02", 180),  # both in winter time: New York is five hours behind
        ("2026-03-09", 240),  # New York's clocks have changed, London's have not: four
        ("2026-03-30", 180),  # both in summer time
    ],
)
def test_between_the_changes_of_two_zones_more_of_their_hours_meet(week, expected):
    monday = between(f"{week} 00:00", f"{week} 23:59")
    each = [usual("Europe/London"), usual("America/New_York")]

    common = common_working_periods([working_periods(hours, monday) for hours in each])

    (met,) = [period for period in common if period.overlaps(monday)]
    assert met.duration == timedelta(minutes=expected)


def test_hours_around_the_clock_leave_the_grid_independent_of_the_window():
    each = [WorkingHours(ZoneInfo(zone), ROUND_THE_CLOCK) for zone in ("Europe/London", "Asia/Kathmandu")]
    rules = SlotRules(duration=timedelta(minutes=60), start_increment=timedelta(minutes=100))
    day = between("2026-12-01 00:00", "2026-12-02 00:00")
    whole = starts_together(each, day, rules)

    evening = starts_together(each, between("2026-12-01 15:00", "2026-12-02 00:00"), rules)

    # Midnight in Kathmandu is 18:15 in London: from there the grid begins anew, and a meeting may lie across.
    assert whole[-5:] == ["01 16:40", "01 18:15", "01 19:55", "01 21:35", "01 23:15"]
    assert evening == ["01 15:00", *whole[-5:]]


def test_what_any_of_them_has_is_in_the_way_of_all():
    each = [usual("Europe/London"), usual("Asia/Kathmandu")]
    taken = [Blocked(between("2026-12-01 09:30", "2026-12-01 10:00"), after_buffer=timedelta(minutes=15))]

    starts = starts_together(each, between("2026-12-01 00:00", "2026-12-02 00:00"), taken=taken)

    assert starts == ["01 09:00", "01 10:30"]


@st.composite
def teams(draw: st.DrawFn) -> tuple[list[WorkingHours], list[Blocked], Period]:
    """Draw one to three people around a clock change of some, their busy times, and a window."""
    day = draw(st.sampled_from(DAYS))
    weeks = st.fixed_dictionaries(dict.fromkeys(range(7), hours_of_a_day))
    overrides = st.dictionaries(st.just(day), st.just([]) | hours_of_a_day)
    hours = st.builds(WorkingHours, st.sampled_from(ZONES).map(ZoneInfo), st.just(ROUND_THE_CLOCK) | weeks, overrides)
    noon = datetime.combine(day, time(12), UTC)
    moments = st.integers(-1200, 1200).map(lambda minutes: noon + timedelta(minutes=minutes))
    busy = st.builds(
        lambda start, minutes, before, after: Blocked(
            Period.lasting(start, timedelta(minutes=minutes)), before, after
        ),
        *(moments, st.integers(1, 240), buffers, buffers),
    )
    window = Period.lasting(draw(moments), timedelta(minutes=draw(st.integers(200, 2000))))
    return draw(st.lists(hours, min_size=1, max_size=3)), draw(st.lists(busy, max_size=5)), window


@settings(max_examples=60)
@given(teams(), slot_rules)
def test_common_starts_are_those_that_counting_minutes_finds(team, rules):
    each, taken, window = team

    found = open_starts(common_working_periods([working_periods(one, window) for one in each]), taken, rules, window)

    assert found == minute_model.common_open_starts(each, taken, rules, window)


@settings(max_examples=60)
@given(teams(), slot_rules, st.data())
def test_a_smaller_window_shows_the_same_common_starts(team, rules, data):
    each, taken, window = team
    length = int(window.duration.total_seconds()) // 60
    first = data.draw(st.integers(0, length - 1))
    part = Period.lasting(window.start + timedelta(minutes=first), timedelta(minutes=1))

    def starts_in(asked: Period) -> list[datetime]:
        common = common_working_periods([working_periods(one, asked) for one in each])
        return open_starts(common, taken, rules, asked)

    assert starts_in(part) == [start for start in starts_in(window) if part.start <= start < part.end]
