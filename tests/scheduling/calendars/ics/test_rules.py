import pytest

from scheduling.calendars.reading import NoteKind
from tests.scheduling.calendars.ics.reading import busy, busy_in, mornings, notes_in, period, periods, read, series


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", ["12-02", "12-12", "12-22"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", ["12-02", "12-07", "12-09", "12-14"]),
        ("FREQ=MONTHLY;BYDAY=1WE;COUNT=2", ["12-02", "2027-01-06"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["12-02", "12-25", "2027-01-29"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["12-02", "12-31", "2027-01-29"]),
        ("FREQ=MONTHLY;BYDAY=WE,1TH;UNTIL=20261216", ["12-02", "12-03", "12-09", "12-16"]),
        ("FREQ=YEARLY;BYDAY=WE,-1TH;BYMONTH=12", ["12-02", "12-09", "12-16", "12-23", "12-30", "12-31"]),
        (
            "FREQ=YEARLY;BYDAY=WE,1FR;UNTIL=20270110",
            ["12-02", "12-09", "12-16", "12-23", "12-30", "2027-01-01", "2027-01-06"],
        ),
        ("FREQ=WEEKLY;BYDAY=1WE;COUNT=2", ["12-02", "12-09"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["12-02", "12-31", "2027-01-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=2;UNTIL=20270102T100000Z", ["12-02", "2027-01-02"]),
        ("FREQ=YEARLY;BYYEARDAY=1,336;COUNT=2", ["12-02", "2027-01-01"]),
        ("FREQ=YEARLY;BYWEEKNO=49,50;COUNT=2", ["12-02", "12-09"]),
        ("FREQ=YEARLY;BYMONTH=12,1;COUNT=2", ["12-02", "2027-01-02"]),
        ("FREQ=HOURLY;INTERVAL=6;BYHOUR=10;COUNT=2", ["12-02", "12-03"]),
        ("FREQ=DAILY;COUNT=-1;UNTIL=20261203", ["12-02", "12-03"]),
        ("FREQ=DAILY;COUNT=5;UNTIL=20261203", ["12-02", "12-03"]),
        ("FREQ=DAILY;UNTIL=20261203T095959Z", ["12-02"]),
        ("FREQ=DAILY;UNTIL=20261203T100000Z", ["12-02", "12-03"]),
        ("RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;COUNT=2", ["12-02", "12-03"]),
        (" freq = daily ; count = 2 ", ["12-02", "12-03"]),
    ],
)
def test_a_rule_is_followed(rule, days):
    assert busy_in(series(f"RRULE:{rule}")) == mornings(*days)


@pytest.mark.parametrize(
    ("week_start", "days"),
    [("MO", ["12-06", "12-15", "12-20"]), ("SU", ["12-06", "12-08", "12-20"])],
)
def test_the_first_day_of_the_week_decides_which_weeks_are_skipped(week_start, days):
    lines = f"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU,SU;WKST={week_start}"

    assert busy_in(series(lines, start="20261206T100000Z", end="20261206T110000Z")) == mornings(*days)


@pytest.mark.parametrize(("since", "day"), [("20160203", "2027-02-03"), ("20150101", "2027-01-28")])
def test_a_series_of_many_years_keeps_its_interval(since, day):
    """Both are a multiple of 49 days apart."""
    lines = "RRULE:FREQ=WEEKLY;INTERVAL=7"
    window = period("2027-01-01 00:00/2027-02-10 00:00")

    found = busy_in(series(lines, start=f"{since}T100000Z", end=f"{since}T110000Z"), window=window)

    assert found == mornings(day)


def test_a_leap_day_comes_back_every_fourth_year():
    lines = "RRULE:FREQ=YEARLY"
    window = period("2027-01-01 00:00/2033-01-01 00:00")

    found = busy_in(series(lines, start="19960229T100000Z", end="19960229T110000Z"), window=window)

    assert found == mornings("2028-02-29", "2032-02-29")


def test_the_31st_is_left_out_in_shorter_months():
    window = period("2027-01-01 00:00/2027-07-01 00:00")

    found = busy_in(series("RRULE:FREQ=MONTHLY", start="20200131T100000Z", end="20200131T110000Z"), window=window)

    assert found == mornings("2027-01-31", "2027-03-31", "2027-05-31")


def test_two_rules_add_up():
    lines = "RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY;COUNT=2"

    assert busy_in(series(lines)) == mornings("12-02", "12-03", "12-09")


def test_an_excluding_rule_takes_occurrences_out():
    lines = "RRULE:FREQ=DAILY;COUNT=5\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"

    assert busy_in(series(lines)) == mornings("12-03", "12-05", "12-06")


def test_excluded_occurrences_still_count_towards_the_number():
    lines = "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261202T100000Z,20261203T100000Z"

    assert busy_in(series(lines)) == mornings("12-04")


def test_excluded_times_can_be_in_lists_and_in_other_zones():
    lines = """
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=America/New_York:20261203T050000,20261204T050000
EXDATE:20261205T100000
EXDATE;VALUE=DATE:20261206
"""
    # The third has no zone. It is in that of the series, here UTC.
    assert busy_in(series(lines)) == mornings("12-02")


def test_an_excluded_time_that_is_no_occurrence_changes_nothing():
    assert busy_in(series("RRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261203T000000Z")) == mornings("12-02", "12-03")


def test_dates_are_added_to_a_series():
    lines = "RRULE:FREQ=DAILY;COUNT=2\nRDATE:20261203T100000Z,20261209T100000Z\nRDATE;VALUE=DATE:20261211"

    assert busy_in(series(lines)) == mornings("12-02", "12-03", "12-09", "12-11")


def test_an_added_period_has_its_own_end():
    lines = "RDATE;VALUE=PERIOD:20261203T100000Z/20261203T123000Z,20261204T100000Z/PT15M\nEXDATE:20261202T100000Z"

    assert busy_in(series(lines)) == periods("12-03 10:00/12:30", "12-04 10:00/10:15")


def test_days_are_added_to_a_series_of_whole_days():
    found = busy_in("UID:a\nDTSTART;VALUE=DATE:20261202\nRDATE;VALUE=DATE:20261210,20261212")

    assert found == periods("12-02 00:00/12-03 00:00", "12-10 00:00/12-11 00:00", "12-12 00:00/12-13 00:00")


def test_the_start_counts_even_if_the_rule_does_not_meet_it():
    assert busy_in(series("RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2")) == mornings("12-02", "12-04", "12-11")


def test_a_series_that_ends_before_it_starts_is_deleted():
    assert busy_in(series("RRULE:FREQ=DAILY;UNTIL=20261201T100000Z")) == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=1440",
        "FREQ=HOURLY;BYMINUTE=0,30",
        "FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0,10,20,30,40,50,55",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999999999",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=53MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=5L",
        "FREQ=DAILY;UNTIL=someday",
        "FREQ=DAILY;WKST=XX",
        "FREQ=FORTNIGHTLY",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
        "INTERVAL=2",
        "D1 #0",
        "",
    ],
)
def test_a_rule_that_is_not_followed_is_not_busy_and_leaves_a_note(rule):
    reading = read(series(f"RRULE:{rule}"), "UID:b\nDTSTART:20261203T100000Z\nDURATION:PT1H")

    assert busy(reading) == mornings("12-03")
    assert reading.notes == {NoteKind.UNFOLLOWED_RULE: 1}


def test_hourly_is_followed_while_the_window_has_fewer_than_five_thousand_occurrences():
    hourly = "UID:a\nDTSTART:20200101T000000Z\nDURATION:PT30M\nRRULE:FREQ=HOURLY"

    assert len(busy_in(hourly)) == 62 * 24
    assert notes_in(hourly, window=period("12-01 00:00/2027-12-01 00:00")) == {NoteKind.UNFOLLOWED_RULE: 1}


def test_a_free_series_with_a_wrong_rule_leaves_no_note():
    assert busy_in(series("RRULE:FREQ=SECONDLY\nTRANSP:TRANSPARENT")) == []


def test_a_long_occurrence_from_before_the_window_counts():
    monthly = "UID:a\nDTSTART:20260101T000000Z\nDURATION:P20D\nRRULE:FREQ=MONTHLY;BYMONTHDAY=20"

    assert busy_in(monthly) == periods(
        "12-01 00:00/12-10 00:00", "12-20 00:00/2027-01-09 00:00", "2027-01-20 00:00/2027-02-01 00:00"
    )
