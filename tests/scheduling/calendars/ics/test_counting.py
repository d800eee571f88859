from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.reading import NoteKind, OutsideTime, OwnEntry, Owner
from tests.scheduling.calendars.ics.reading import (
    LONDON,
    WINDOW,
    busy,
    busy_in,
    mornings,
    notes_in,
    period,
    periods,
    read,
)

MINE = Owner(LONDON.zone, frozenset({"ada@example.com", "ada@work.example.com"}), frozenset({"ours@caledee"}))


def event(lines: str = "", *, start: str = "20261202T100000Z", end: str = "20261202T110000Z", uid: str = "a") -> str:
    return f"UID:{uid}\nDTSTART:{start}\nDTEND:{end}\n{lines}"


def attendee(answer: str, address: str = "mailto:ada@example.com", more: str = "") -> str:
    return f"ATTENDEE;CN=Ada;PARTSTAT={answer}{more}:{address}"


def counted(lines: str) -> list[bool]:
    """Whether an event with these lines is tentative, or nothing if it isn't busy."""
    reading = read(event(lines), owner=MINE)
    assert reading.notes == {}
    return [time.is_tentative for time in reading.busy]


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "TRANSP:OPAQUE",
        "STATUS:CONFIRMED",
        "CLASS:PRIVATE",
        "CLASS:CONFIDENTIAL\nSUMMARY:Busy",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\nSTATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\nTRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:SOMETHING",
        "TRANSP:SOMETHING\nSTATUS:SOMETHING",
        attendee("ACCEPTED"),
        attendee("DELEGATED"),
        attendee("DECLINED", "mailto:bob@example.com"),
        attendee("DECLINED", "mailto:not-ada@example.com"),
        attendee("DECLINED", "mailto:bob@example.com", ';SENT-BY="mailto:ada@example.com"'),
        'ATTENDEE;CN="x;PARTSTAT=DECLINED";PARTSTAT=ACCEPTED:mailto:ada@example.com',
        attendee("DECLINED") + "\n" + attendee("ACCEPTED", "mailto:ada@work.example.com"),
    ],
)
def test_an_event_is_busy(lines):
    assert counted(lines) == [False]


@pytest.mark.parametrize(
    "lines",
    [
        "STATUS:TENTATIVE",
        "status:tentative",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\nTRANSP:TRANSPARENT",
        attendee("TENTATIVE"),
        attendee("NEEDS-ACTION"),
        "ATTENDEE:mailto:ada@example.com",
        attendee("DECLINED") + "\n" + attendee("TENTATIVE", "mailto:ada@work.example.com"),
    ],
)
def test_an_event_is_tentative(lines):
    assert counted(lines) == [True]


@pytest.mark.parametrize(
    "lines",
    [
        "TRANSP:TRANSPARENT",
        "transp:transparent",
        "STATUS:CANCELLED",
        "STATUS:CANCELLED\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        attendee("DECLINED"),
        attendee("declined", "MAILTO:Ada@Example.COM"),
        attendee("DECLINED", "ada@example.com"),
        attendee("DECLINED", "/123456/principal/", ';EMAIL="ada@example.com"'),
        attendee("DECLINED") + "\n" + attendee("DECLINED", "mailto:ada@work.example.com"),
        attendee("DECLINED") + "\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ],
)
def test_an_event_is_free(lines):
    assert counted(lines) == []


def test_busy_and_tentative_times_are_merged_apart_from_each_other():
    reading = read(
        event(uid="a"),
        event(uid="b", start="20261202T103000Z", end="20261202T120000Z"),
        event("STATUS:TENTATIVE", uid="c", start="20261202T113000Z", end="20261202T130000Z"),
        event("STATUS:TENTATIVE", uid="d", start="20261202T130000Z", end="20261202T140000Z"),
    )

    assert reading.busy == (
        OutsideTime(period("12-02 10:00/12:00")),
        OutsideTime(period("12-02 11:30/14:00"), is_tentative=True),
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("20261202T100000Z", "DTEND:20261202T100000Z", []),
        ("20261202T100000Z", "DURATION:PT0S", []),
        ("20261202T100000Z", "", []),
        ("20261202T100000Z", "DURATION:P1W", ["12-02 10:00/12-09 10:00"]),
        ("20261202T100000Z", "DURATION:P1DT2H30M15S", ["12-02 10:00/12-03 12:30:15"]),
        ("20261202T100000Z", "DURATION:+PT90M", ["12-02 10:00/11:30"]),
        ("20261202T100000Z", "DTEND:20261202T110000Z\nDURATION:PT5H", ["12-02 10:00/11:00"]),
        ("20261202T1000Z", "DTEND:20261202T1130Z", ["12-02 10:00/11:30"]),
        ("2026-12-02T10:00:00Z", "DTEND:2026-12-02T11:00:00+00:30", ["12-02 10:00/10:30"]),
        ("20261202T100000+0200", "DURATION:PT1H", ["12-02 08:00/09:00"]),
        ("20261202T230000Z", "DTEND:20261202T240000Z", ["12-02 23:00/12-03 00:00"]),
        ("20261202T100060Z", "DURATION:PT1S", ["12-02 10:00:59/10:01"]),
        ("20261202", "", ["12-02 00:00/12-03 00:00"]),
        ("20261202", "DTEND:20261205", ["12-02 00:00/12-05 00:00"]),
        ("20261202", "DURATION:P2D", ["12-02 00:00/12-04 00:00"]),
        ("20261202", "DURATION:P1W", ["12-02 00:00/12-09 00:00"]),
        ("20261202", "DURATION:PT12H", ["12-02 00:00/12-03 00:00"]),
        ("20261202", "DURATION:PT0S", ["12-02 00:00/12-03 00:00"]),
        ("20261202", "DTEND:20261202T150000Z", ["12-02 00:00/15:00"]),
        ("20261202T100000Z", "DTEND;VALUE=DATE:20261203", ["12-02 10:00/12-03 00:00"]),
        ("20261120T100000Z", "DTEND:20261202T000000Z", ["12-01 00:00/12-02 00:00"]),
        ("20270131T100000Z", "DTEND:20280101T000000Z", ["2027-01-31 10:00/2027-02-01 00:00"]),
        ("20261130T100000Z", "DTEND:20261201T000000Z", []),
        ("20270201T000000Z", "DURATION:PT1H", []),
        ("00010101T000000Z", "DTEND:99991231T235959Z", ["12-01 00:00/2027-02-01 00:00"]),
        ("20261202T000000Z", "DURATION:P9999999W", ["12-02 00:00/2027-02-01 00:00"]),
        ("20261202", "DTEND:99991231", ["12-02 00:00/2027-02-01 00:00"]),
    ],
)
def test_an_event_lasts_from_its_start_to_its_end(start, end, expected):
    assert busy_in(f"UID:a\nDTSTART:{start}\n{end}") == periods(*expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("20261202T100000Z", "DURATION:-PT30M", ["12-02 09:30/10:00"]),
        ("20261202T100000Z", "DTEND:20261201T100000Z", ["12-01 10:00/12-02 10:00"]),
        ("20261202T100000Z", "DTEND:20261201T095959Z", []),
        ("20261203", "DTEND:20261202", ["12-02 00:00/12-03 00:00"]),
        ("20261209", "DTEND:20261202", []),
        ("20261202T100000Z", "DURATION:-P9999999W", []),
    ],
)
def test_an_end_before_the_start_is_swapped_with_it_within_a_day(start, end, expected):
    reading = read(f"UID:a\nDTSTART:{start}\n{end}")

    assert busy(reading) == periods(*expected)
    assert reading.notes == {NoteKind.ENDS_BEFORE_START: 1}


def test_swapped_times_outside_the_window_or_that_are_free_leave_no_note():
    old = event(start="20200102T100000Z", end="20200102T090000Z")
    free = event("TRANSP:TRANSPARENT", end="20261202T090000Z", uid="b")

    assert notes_in(old, free) == {}


def test_a_series_with_swapped_times_is_swapped_each_time():
    reading = read(event("RRULE:FREQ=DAILY;COUNT=2", end="20261202T090000Z"))

    assert busy(reading) == periods("12-02 09:00/10:00", "12-03 09:00/10:00")
    assert reading.notes == {NoteKind.ENDS_BEFORE_START: 1}


@pytest.mark.parametrize(
    ("travel", "start"),
    [("PT45M", "09:15"), ("PT12H", "12-01 22:00"), ("P1D", "12-01 22:00"), ("-PT1H", "10:00"), ("long", "10:00")],
)
def test_travel_comes_before_and_takes_at_most_twelve_hours(travel, start):
    found = busy_in(event(f"X-APPLE-TRAVEL-DURATION;VALUE=DURATION:{travel}"))

    assert found == periods(f"{start if ' ' in start else f'12-02 {start}'}/12-02 11:00")


def test_travel_reaches_into_the_window_from_an_event_after_it():
    travel = "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT2H\nRRULE:FREQ=DAILY"

    found = busy_in(event(travel, start="20270201T010000Z", end="20270201T020000Z"))

    assert found == periods("2027-01-31 23:00/2027-02-01 00:00")


def test_travel_before_the_first_year_is_no_problem():
    long = event("X-APPLE-TRAVEL-DURATION:PT2H", start="00010101T000000Z", end="20261202T000000Z")

    assert busy_in(long) == periods("12-01 00:00/12-02 00:00")


def test_times_are_in_utc_and_within_a_window_in_another_zone():
    zone = ZoneInfo("Asia/Tokyo")
    window = Period(datetime(2026, 12, 2, 9, tzinfo=zone), datetime(2026, 12, 2, 19, 30, tzinfo=zone))

    reading = read(event(), event(start="20261130T000000Z", uid="b", end="20261202T003000Z"), window=window)

    assert repr(reading.busy) == repr(
        (OutsideTime(period("12-02 00:00/00:30")), OutsideTime(period("12-02 10:00/10:30")))
    )


def test_a_whole_day_has_no_travel():
    assert busy_in("UID:a\nDTSTART:20261202\nX-APPLE-TRAVEL-DURATION:PT1H") == periods("12-02 00:00/12-03 00:00")


def test_an_entry_of_our_own_is_kept_apart_with_its_exact_times():
    reading = read(
        event(uid="ours@caledee"),
        event(uid="ours@caledee", start="20261130T230000Z", end="20261201T010000Z"),
        event("TRANSP:TRANSPARENT", uid="ours@caledee", start="20261205T100000Z", end="20261205T110000Z"),
        event(uid="other", start="20261203T100000Z", end="20261203T110000Z"),
        owner=MINE,
    )

    assert busy(reading) == mornings("12-03")
    assert reading.own == (
        OwnEntry("ours@caledee", period("11-30 23:00/12-01 01:00")),
        OwnEntry("ours@caledee", period("12-02 10:00/11:00")),
    )


def test_travel_to_an_entry_of_our_own_is_busy():
    reading = read(event("X-APPLE-TRAVEL-DURATION:PT30M", uid="ours@caledee"), owner=MINE)

    assert busy(reading) == periods("12-02 09:30/10:00")
    assert reading.own == (OwnEntry("ours@caledee", period("12-02 10:00/11:00")),)


def free_busy(*lines: str) -> tuple[list[Period], dict[NoteKind, int]]:
    text = "".join(
        f"{line}\n" for line in ["BEGIN:VCALENDAR", "BEGIN:VFREEBUSY", *lines, "END:VFREEBUSY", "END:VCALENDAR"]
    )
    reading = read_feed(text.encode(), WINDOW, LONDON)
    return busy(reading), dict(reading.notes)


def test_a_free_busy_list_counts_without_a_type_and_with_an_unknown_one():
    found = free_busy(
        "DTSTART:20261201T000000Z",
        "DTEND:20270201T000000Z",
        "FREEBUSY:20261202T100000Z/PT1H",
        "FREEBUSY;FBTYPE=X-LUNCH:20261203T100000Z/20261203T110000Z",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261204T100000Z/PT1H,20261205T100000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20261206T100000Z/PT1H",
        "FREEBUSY;TZID=Asia/Tokyo:20261207T190000/20261207T200000",
    )

    assert found == (mornings("12-02", "12-03", "12-04", "12-05", "12-07"), {})


@pytest.mark.parametrize(
    "span", ["20261202T100000Z", "20261202T100000Z/", "20261202T100000Z/20261202T100000Z", "x/PT1H"]
)
def test_a_broken_free_busy_list_leaves_a_note(span):
    assert free_busy("FREEBUSY:20261203T100000Z/PT1H", f"FREEBUSY:{span}") == (
        mornings("12-03"),
        {NoteKind.BROKEN_ENTRY: 1},
    )
