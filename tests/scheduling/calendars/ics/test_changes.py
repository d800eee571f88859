import pytest

from scheduling.calendars.reading import NoteKind
from tests.scheduling.calendars.ics.reading import busy, busy_in, mornings, period, periods, read, series

DAILY = """
UID:a
DTSTART;TZID=Europe/London:20261202T100000
DTEND;TZID=Europe/London:20261202T110000
RRULE:FREQ=DAILY;COUNT=4
"""
CHANGED = """
UID:a
RECURRENCE-ID;TZID=Europe/London:20261204T100000
DTSTART;TZID=Europe/London:20261204T150000
DTEND;TZID=Europe/London:20261204T160000
"""


def test_one_occurrence_is_moved():
    assert busy_in(DAILY, CHANGED) == periods(
        "12-02 10:00/11:00", "12-03 10:00/11:00", "12-04 15:00/16:00", "12-05 10:00/11:00"
    )


@pytest.mark.parametrize(
    "replaced",
    [":20261204T100000Z", ";TZID=Asia/Tokyo:20261204T190000", ":20261204T100000", ";VALUE=DATE:20261204"],
)
def test_the_moved_occurrence_can_be_named_in_any_zone(replaced):
    changed = CHANGED.replace(";TZID=Europe/London:20261204T100000", replaced, 1)

    assert len(busy_in(DAILY, changed)) == 4
    assert period("12-04 10:00/11:00") not in busy_in(DAILY, changed)


def test_the_order_of_entries_does_not_matter():
    assert busy_in(CHANGED, DAILY) == busy_in(DAILY, CHANGED)


def test_a_moved_occurrence_can_become_a_whole_day():
    changed = "UID:a\nRECURRENCE-ID:20261204T100000Z\nDTSTART;VALUE=DATE:20261206"

    assert busy_in(DAILY, changed) == periods(
        "12-02 10:00/11:00", "12-03 10:00/11:00", "12-05 10:00/11:00", "12-06 00:00/12-07 00:00"
    )


def test_a_moved_occurrence_without_its_series_counts():
    assert busy_in(CHANGED) == periods("12-04 15:00/16:00")


def test_the_latest_version_of_an_occurrence_counts():
    older = CHANGED + "SEQUENCE:1"
    newer = CHANGED.replace("T15", "T17").replace("T16", "T18") + "SEQUENCE:2"

    for order in [(DAILY, older, newer), (newer, older, DAILY)]:
        assert period("12-04 17:00/18:00") in busy_in(*order)
        assert period("12-04 15:00/16:00") not in busy_in(*order)


def test_an_older_change_of_an_occurrence_that_still_exists_counts():
    assert period("12-04 15:00/16:00") in busy_in(DAILY + "SEQUENCE:7", CHANGED + "SEQUENCE:1")


def test_an_older_change_of_an_occurrence_that_no_longer_exists_is_dropped():
    weekly = DAILY.replace("DAILY", "WEEKLY") + "SEQUENCE:7"

    assert period("12-04 15:00/16:00") not in busy_in(weekly, CHANGED + "SEQUENCE:1")
    assert period("12-04 15:00/16:00") in busy_in(weekly, CHANGED + "SEQUENCE:7")


def test_an_older_change_of_an_occurrence_that_the_series_excludes_is_dropped():
    excluding = DAILY + "EXDATE;TZID=Europe/London:20261204T100000\nSEQUENCE:2"

    assert busy_in(excluding, CHANGED + "SEQUENCE:1") == mornings("12-02", "12-03", "12-05")
    assert period("12-04 15:00/16:00") in busy_in(excluding, CHANGED + "SEQUENCE:2")


def test_a_cancelled_occurrence_needs_no_start():
    cancelled = "UID:a\nRECURRENCE-ID:20261204T100000Z\nSTATUS:CANCELLED"

    assert busy_in(DAILY, cancelled) == mornings("12-02", "12-03", "12-05")


def test_an_occurrence_that_the_owner_declined_is_free():
    declined = (
        CHANGED.replace("T15", "T10").replace("T16", "T11") + "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com"
    )

    assert busy_in(DAILY, declined) == mornings("12-02", "12-03", "12-05")


def test_a_broken_change_leaves_the_occurrence_as_it_was():
    broken = "UID:a\nRECURRENCE-ID:20261204T100000Z\nDTSTART:tomorrow"

    reading = read(DAILY, broken)

    assert busy(reading) == mornings("12-02", "12-03", "12-04", "12-05")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_a_change_at_the_end_of_all_years_costs_only_its_own_entry():
    last = "UID:a\nRECURRENCE-ID:99991231T100000Z\nDTSTART:20261204T100000Z\nDURATION:PT1H\nSEQUENCE:1"

    reading = read(DAILY + "SEQUENCE:2", last, CHANGED.replace("UID:a", "UID:b"))

    assert busy(reading) == periods("12-04 15:00/16:00")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_a_change_outlives_a_broken_series():
    reading = read("UID:a\nDTSTART:never\nRRULE:FREQ=DAILY", CHANGED)

    assert busy(reading) == periods("12-04 15:00/16:00")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_a_change_outlives_a_rule_that_is_not_followed():
    reading = read(series("RRULE:FREQ=SECONDLY"), CHANGED)

    assert busy(reading) == periods("12-04 15:00/16:00")
    assert reading.notes == {NoteKind.UNFOLLOWED_RULE: 1}


def test_this_and_future_changes_move_days_and_lengths():
    future = """
UID:a
RECURRENCE-ID;RANGE=THISANDFUTURE:20261204T100000Z
DTSTART;TZID=Europe/London:20261205T120000
DURATION:PT30M
"""
    assert busy_in(DAILY, future) == periods(
        "12-02 10:00/11:00", "12-03 10:00/11:00", "12-05 12:00/12:30", "12-06 12:00/12:30"
    )


def test_a_later_change_of_all_future_occurrences_replaces_an_earlier_one():
    futures = [
        f"UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:202612{day}T100000Z\nDTSTART:202612{day}T{hour}0000Z\nDURATION:PT1H"
        for day, hour in [("03", 12), ("05", 14)]
    ]

    assert busy_in(DAILY, *futures) == periods(
        "12-02 10:00/11:00", "12-03 12:00/13:00", "12-04 12:00/13:00", "12-05 14:00/15:00"
    )


def test_one_occurrence_is_changed_after_a_change_of_all_future_ones():
    future = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261203T100000Z\nDTSTART:20261203T120000Z\nDURATION:PT1H"

    assert busy_in(DAILY, future, CHANGED) == periods(
        "12-02 10:00/11:00", "12-03 12:00/13:00", "12-04 15:00/16:00", "12-05 12:00/13:00"
    )


def test_all_future_occurrences_are_cancelled():
    future = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261204T100000Z\nSTATUS:CANCELLED"

    assert busy_in(DAILY, future) == mornings("12-02", "12-03")


def test_future_occurrences_keep_the_clock_of_their_new_zone():
    daily = "UID:a\nDTSTART;TZID=Europe/London:20270325T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5"
    future = """
UID:a
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/London:20270327T100000
DTSTART;TZID=Europe/London:20270327T120000
DURATION:PT1H
"""
    window = period("2027-03-25 00:00/2027-04-01 00:00")

    # Clocks in London go forward on the 28th.
    assert busy_in(daily, future, window=window) == periods(
        "2027-03-25 10:00/11:00",
        "2027-03-26 10:00/11:00",
        "2027-03-27 12:00/13:00",
        "2027-03-28 11:00/12:00",
        "2027-03-29 11:00/12:00",
    )


def test_different_entries_with_one_uid_and_one_sequence_all_count():
    lectures = [f"UID:course\nDTSTART:202612{day}T100000Z\nDTEND:202612{day}T110000Z" for day in ["02", "03", "04"]]

    assert busy_in(*lectures) == mornings("12-02", "12-03", "12-04")
