import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from caledee.timekeeping.periods import Period
from caledee.timekeeping.zones import day_bounds, local_time
from scheduling.availability.slots import Hours, SlotRules, WorkingHours, open_starts, working_periods
from scheduling.availability.taken import Blocked
from tests.support.times import LONDON, NEW_YORK, at, between

WORKLOADS = Path(__file__).parent / "workloads"
TUESDAY = date(2026, 12, 1)
MIDNIGHT = time(0)
HALF_HOUR = timedelta(minutes=30)


def hours(*spans: tuple[int, int]) -> list[Hours]:
    """Return whole hours of a day; 24 is the midnight at its end."""
    return [(time(start), time(end % 24)) for start, end in spans]


def every_day(*spans: tuple[int, int], zone: ZoneInfo = LONDON, **overrides: list[Hours]) -> WorkingHours:
    return WorkingHours(zone, {weekday: hours(*spans) for weekday in range(7)})


def rules(duration: int = 30, increment: int = 30, before: int = 0, after: int = 0) -> SlotRules:
    return SlotRules(*(timedelta(minutes=minutes) for minutes in (duration, increment, before, after)))


def taken(start: str, end: str, before: int = 0, after: int = 0) -> Blocked:
    return Blocked(between(start, end), timedelta(minutes=before), timedelta(minutes=after))


def clocks(working: WorkingHours, day: date = TUESDAY, *, busy: list[Blocked] = [], by: SlotRules) -> list[str]:  # noqa: B006
    """Return what clocks in the working hours' zone show at each open start of one local day."""
    window = Period(*day_bounds(day, working.zone))
    starts = open_starts(working_periods(working, window), busy, by, window)
    return [f"{local_time(start, working.zone):%H:%M}" for start in starts]


def test_the_last_meeting_of_a_working_day_ends_with_it():
    assert clocks(every_day((9, 12)), by=rules(60)) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_a_meeting_longer_than_the_working_hours_fits_nowhere():
    assert clocks(every_day((9, 10)), by=rules(90)) == []


def test_a_day_without_hours_has_no_starts():
    weekdays_only = WorkingHours(LONDON, {weekday: hours((9, 10)) for weekday in range(5)})

    assert clocks(weekdays_only, date(2026, 12, 4), by=rules()) == ["09:00", "09:30"]
    assert clocks(weekdays_only, date(2026, 12, 5), by=rules()) == []


def test_every_period_of_a_day_has_a_grid_of_its_own():
    working = WorkingHours(LONDON, {1: [(time(9), time(10)), (time(13, 10), time(14, 15))]})

    assert clocks(working, by=rules(30, 30)) == ["09:00", "09:30", "13:10", "13:40"]


def test_periods_of_a_day_that_touch_or_overlap_are_one():
    working = WorkingHours(LONDON, {1: [(time(10), time(11, 30)), (time(9), time(10)), (time(11), time(12))]})

    assert clocks(working, by=rules(120, 45)) == ["09:00", "09:45"]


def test_two_periods_that_touch_have_one_grid_in_either_order():
    working = WorkingHours(LONDON, {1: [(time(10), time(11, 30)), (time(9), time(10))]})

    assert clocks(working, by=rules(60, 45)) == ["09:00", "09:45", "10:30"]


def test_a_date_override_replaces_the_weekly_hours_of_that_date_alone():
    working = WorkingHours(
        LONDON,
        {weekday: hours((9, 10)) for weekday in range(7)},
        {TUESDAY: hours((18, 19)), date(2026, 12, 2): []},
    )

    assert [clocks(working, date(2026, 12, day), by=rules()) for day in (1, 2, 3)] == [
        ["18:00", "18:30"],
        [],
        ["09:00", "09:30"],
    ]


def test_an_override_opens_a_day_that_has_no_weekly_hours():
    working = WorkingHours(LONDON, {}, {TUESDAY: hours((9, 10), (20, 21))})

    assert clocks(working, by=rules(60)) == ["09:00", "20:00"]


def test_hours_that_end_at_midnight_reach_to_the_end_of_the_day():
    working = WorkingHours(LONDON, {1: [(time(22, 30), MIDNIGHT)]})

    assert clocks(working, by=rules(45, 15)) == ["22:30", "22:45", "23:00", "23:15"]
    assert clocks(working, date(2026, 12, 2), by=rules(45, 15)) == []


def test_a_meeting_may_run_over_midnight_where_hours_meet_there():
    working = WorkingHours(LONDON, {1: hours((23, 24)), 2: hours((0, 1))})

    assert clocks(working, by=rules(60)) == ["23:00", "23:30"]
    assert clocks(working, date(2026, 12, 2), by=rules(60)) == ["00:00"]


def test_hours_around_the_clock_give_the_same_starts_in_every_window():
    working = every_day((0, 24))
    week, last_day = between("2026-12-01 00:00", "2026-12-08 00:00"), between("2026-12-07 00:00", "2026-12-08 00:00")

    in_week, on_last_day = (
        open_starts(working_periods(working, window), [], rules(50, 50), window) for window in (week, last_day)
    )

    assert on_last_day == [start for start in in_week if last_day.start <= start]
    assert on_last_day[0] == at("2026-12-07 00:00")


def test_hours_that_meet_at_midnight_do_so_where_the_date_is_a_day_ahead_of_utc():
    kiritimati = ZoneInfo("Pacific/Kiritimati")
    working = every_day((0, 24), zone=kiritimati)
    window = between("2026-12-02 13:00", "2026-12-02 13:30", kiritimati)

    starts = open_starts(working_periods(working, window), [], rules(720, 30), window)

    assert (starts, f"{window.end:%d %H:%M}") == ([window.start], "01 23:30")


def test_only_starts_within_the_window_are_given():
    window = between("2026-12-01 09:30", "2026-12-01 10:30")
    starts = open_starts(working_periods(every_day((9, 17)), window), [], rules(60, 15), window)

    assert starts == [at(f"2026-12-01 {clock}") for clock in ("09:30", "09:45", "10:00", "10:15")]


def test_a_window_that_begins_between_two_starts_does_not_move_the_grid():
    window = between("2026-12-01 09:31", "2026-12-01 11:00")
    starts = open_starts(working_periods(every_day((9, 17)), window), [], rules(30, 30), window)

    assert starts == [at("2026-12-01 10:00"), at("2026-12-01 10:30")]


def test_a_meeting_may_begin_where_another_ends_and_end_where_another_begins():
    busy = [taken("2026-12-01 09:30", "2026-12-01 10:00"), taken("2026-12-01 10:30", "2026-12-01 11:00")]

    assert clocks(every_day((9, 12)), busy=busy, by=rules()) == ["09:00", "10:00", "11:00", "11:30"]


def test_a_busy_minute_takes_every_start_whose_meeting_would_meet_it():
    busy = [taken("2026-12-01 10:14", "2026-12-01 10:15")]

    assert clocks(every_day((9, 12)), busy=busy, by=rules(60, 15)) == ["09:00", "10:15", "10:30", "10:45", "11:00"]


def test_busy_times_that_overlap_and_arrive_in_any_order_count_once():
    busy = [
        taken("2026-12-01 11:00", "2026-12-01 11:20"),
        taken("2026-12-01 09:00", "2026-12-01 10:30"),
        taken("2026-12-01 09:30", "2026-12-01 10:00"),
    ]

    assert clocks(every_day((9, 12)), busy=busy, by=rules()) == ["10:30", "11:30"]


def test_the_buffers_of_the_new_meeting_keep_others_at_a_distance():
    busy = [taken("2026-12-01 11:00", "2026-12-01 12:00")]
    working = every_day((9, 14))

    assert clocks(working, busy=busy, by=rules(30, 15, before=15)) == [
        *["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30"],
        *["12:15", "12:30", "12:45", "13:00", "13:15", "13:30"],
    ]
    assert clocks(working, busy=busy, by=rules(30, 15, after=30)) == [
        *["09:00", "09:15", "09:30", "09:45", "10:00"],
        *["12:00", "12:15", "12:30", "12:45", "13:00", "13:15", "13:30"],
    ]


def test_the_buffers_of_what_is_booked_keep_new_meetings_at_a_distance():
    busy = [taken("2026-12-01 11:00", "2026-12-01 12:00", before=30, after=15)]

    assert clocks(every_day((9, 14)), busy=busy, by=rules(30, 15)) == [
        *["09:00", "09:15", "09:30", "09:45", "10:00"],
        *["12:15", "12:30", "12:45", "13:00", "13:15", "13:30"],
    ]


def test_buffers_of_both_sides_overlap_and_the_larger_one_counts():
    busy = [taken("2026-12-01 11:00", "2026-12-01 12:00", before=30, after=15)]

    assert clocks(every_day((9, 14)), busy=busy, by=rules(30, 15, before=60, after=15)) == [
        *["09:00", "09:15", "09:30", "09:45", "10:00"],
        *["13:00", "13:15", "13:30"],
    ]


def test_buffers_may_reach_out_of_the_working_hours():
    busy = [taken("2026-12-01 08:00", "2026-12-01 08:50")]

    assert clocks(every_day((9, 10)), busy=busy, by=rules(30, 30, before=10, after=60)) == ["09:00", "09:30"]
    assert clocks(every_day((9, 10)), busy=busy, by=rules(30, 30, before=11)) == ["09:30"]


def test_working_hours_follow_the_clock_on_the_wall_through_a_change():
    window = between("2026-10-24 00:00", "2026-10-27 00:00")
    starts = open_starts(working_periods(every_day((9, 10)), window), [], rules(60), window)

    assert starts == [
        datetime(2026, 10, 24, 8, tzinfo=UTC),
        datetime(2026, 10, 25, 9, tzinfo=UTC),
        datetime(2026, 10, 26, 9, tzinfo=UTC),
    ]


def test_when_clocks_go_forward_the_hour_they_skip_is_not_worked():
    assert clocks(every_day((0, 4)), date(2026, 3, 29), by=rules(30)) == [
        "00:00",
        "00:30",
        "02:00",
        "02:30",
        "03:00",
        "03:30",
    ]


def test_hours_that_begin_in_the_skipped_hour_begin_with_the_jump():
    working = WorkingHours(LONDON, {6: [(time(1, 30), time(3))]})

    assert clocks(working, date(2026, 3, 29), by=rules(30)) == ["02:00", "02:30"]


def test_hours_that_lie_in_the_skipped_hour_are_none_that_day():
    working = WorkingHours(LONDON, {6: [(time(1, 10), time(1, 50))]})

    assert clocks(working, date(2026, 3, 29), by=rules(5, 5)) == []
    assert len(clocks(working, date(2026, 4, 5), by=rules(5, 5))) == 8


def test_when_clocks_go_back_the_hour_they_repeat_is_worked_twice():
    window = Period(*day_bounds(date(2026, 10, 25), LONDON))
    starts = open_starts(working_periods(every_day((0, 3)), window), [], rules(60, 60), window)

    assert starts == [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(hours=n) for n in range(4)]
    assert [f"{local_time(start, LONDON):%H:%M}" for start in starts] == ["00:00", "01:00", "01:00", "02:00"]


def test_hours_within_the_repeated_hour_are_worked_the_first_time():
    window = Period(*day_bounds(date(2026, 10, 25), LONDON))
    working = WorkingHours(LONDON, {6: [(time(1), time(1, 30))]})

    assert working_periods(working, window) == [
        Period(datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Africa/Cairo", date(2025, 4, 25), 23),
        ("Africa/Cairo", date(2025, 10, 30), 25),
        ("America/Havana", date(2025, 11, 2), 25),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
        ("America/Nuuk", date(2025, 3, 29), 23),
        ("Pacific/Kiritimati", date(2026, 12, 1), 24),
        ("Pacific/Pago_Pago", date(2026, 12, 1), 24),
    ],
)
def test_a_day_worked_around_the_clock_is_as_long_as_the_day(zone, day, length):
    working = every_day((0, 24), zone=ZoneInfo(zone))
    window = Period(*day_bounds(day, working.zone))

    starts = open_starts(working_periods(working, window), [], rules(5, 5), window)

    assert starts == [window.start + n * timedelta(minutes=5) for n in range(int(length * 12))]


@pytest.mark.parametrize(("increment", "expected"), [(30, "slots30"), (15, "slots15")])
def test_the_shared_workload_gives_the_slots_that_others_found(increment, expected):
    workload = json.loads((WORKLOADS / "w7_100.json").read_text())
    window = Period(*(datetime.fromisoformat(workload[edge]) for edge in ("start", "end")))
    busy = [Blocked(Period(*map(datetime.fromisoformat, period))) for period in workload["busy"]]
    working = WorkingHours(NEW_YORK, {weekday: hours((9, 17)) for weekday in range(5)})

    starts = open_starts(working_periods(working, window), busy, rules(30, increment), window)

    assert len(busy) == 100
    assert starts == [datetime.fromisoformat(start) for start in workload[expected]]
