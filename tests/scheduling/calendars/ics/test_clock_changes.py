"""Clock changes, and whole days."""

from zoneinfo import ZoneInfo

from scheduling.calendars.reading import Owner
from tests.scheduling.calendars.ics.reading import busy_in, period, periods


def test_whole_days_follow_the_clock_of_the_owner():
    auckland = Owner(ZoneInfo("Pacific/Auckland"))
    weekly = "UID:a\nDTSTART;VALUE=DATE:20270401\nDTEND;VALUE=DATE:20270405\nRRULE:FREQ=WEEKLY;COUNT=2"
    window = period("2027-03-25 00:00/2027-05-01 00:00")

    # Clocks there go back on 4 April.
    assert busy_in(weekly, owner=auckland, window=window) == periods(
        "2027-03-31 11:00/2027-04-04 12:00", "2027-04-07 12:00/2027-04-11 12:00"
    )


def test_times_of_a_day_in_the_rule_of_whole_days_are_ignored():
    found = busy_in("UID:a\nDTSTART;VALUE=DATE:20261202\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=2;BYHOUR=9,10;BYMINUTE=0")

    assert found == periods("12-02 00:00/12-03 00:00", "12-04 00:00/12-05 00:00")


def test_a_change_and_an_exclusion_of_whole_days_can_name_midnight():
    weekly = "UID:a\nDTSTART;VALUE=DATE:20261202\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20261209T000000Z"
    changed = "UID:a\nRECURRENCE-ID:20261216T000000\nDTSTART;VALUE=DATE:20261218"

    assert busy_in(weekly, changed) == periods("12-02 00:00/12-03 00:00", "12-18 00:00/12-19 00:00")


def test_an_occurrence_that_clocks_skip_is_read_with_the_offset_before():
    daily = "UID:a\nDTSTART;TZID=Europe/Berlin:20270327T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"

    assert busy_in(daily, window=period("2027-03-26 00:00/2027-04-01 00:00")) == periods(
        "2027-03-27 01:30/02:30", "2027-03-28 01:30/02:30", "2027-03-29 00:30/01:30"
    )


def test_an_occurrence_that_the_clocks_show_twice_is_the_first_one():
    daily = "UID:a\nDTSTART;TZID=Europe/Berlin:20261024T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2"

    assert busy_in(daily, window=period("10-23 00:00/10-30 00:00")) == periods(
        "10-24 00:30/01:30", "10-25 00:30/01:30"
    )


def test_a_night_shift_over_a_clock_change_lasts_as_long_as_the_others():
    nightly = """
UID:a
DTSTART;TZID=Europe/London:20270326T230000
DTEND;TZID=Europe/London:20270327T070000
RRULE:FREQ=DAILY;COUNT=2
"""
    # RFC 5545, section 3.8.5.3: with DTEND, all occurrences have exactly the same duration.
    assert busy_in(nightly, window=period("2027-03-26 00:00/2027-04-01 00:00")) == periods(
        "2027-03-26 23:00/2027-03-27 07:00", "2027-03-27 23:00/2027-03-28 07:00"
    )


def test_a_duration_of_a_day_keeps_the_clock_and_one_of_24_hours_does_not():
    window = period("2027-03-26 00:00/2027-04-01 00:00")
    start = "UID:a\nDTSTART;TZID=Europe/London:20270327T120000\n"

    assert busy_in(f"{start}DURATION:P1D", window=window) == periods("2027-03-27 12:00/2027-03-28 11:00")
    assert busy_in(f"{start}DURATION:PT24H", window=window) == periods("2027-03-27 12:00/2027-03-28 12:00")
