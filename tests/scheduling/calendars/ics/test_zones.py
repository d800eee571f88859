from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.ics.zones import named_zone, windows_zones
from scheduling.calendars.reading import NoteKind, Owner
from tests.scheduling.calendars.ics.reading import LONDON, WINDOW, busy, busy_in, calendar, period, periods, read

AUCKLAND = Owner(ZoneInfo("Pacific/Auckland"))
RULES_OF_BERLIN = """
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
"""


def at_ten(zone: str) -> str:
    return f"UID:a\nDTSTART;TZID={zone}:20261202T100000\nDTEND;TZID={zone}:20261202T110000"


def definition(name: str, observances: str = RULES_OF_BERLIN) -> str:
    return f"BEGIN:VTIMEZONE\nTZID:{name}\n{observances.strip()}\nEND:VTIMEZONE\n"


def observance(before: str, after: str, start: str = "19700101T000000", kind: str = "STANDARD") -> str:
    return f"BEGIN:{kind}\nDTSTART:{start}\nTZOFFSETFROM:{before}\nTZOFFSETTO:{after}\nEND:{kind}\n"


def offsets(zone: tzinfo | None) -> list[timedelta | None]:
    """In winter and in summer, of a zone that is known."""
    assert zone is not None
    return [datetime(2026, 12, 2, tzinfo=zone).utcoffset(), datetime(2027, 7, 2, tzinfo=zone).utcoffset()]


@pytest.mark.parametrize(("name", "place"), WINDOWS_TO_OLSON.items())
def test_every_windows_name_is_known(name, place):
    assert offsets(named_zone(name)) == offsets(ZoneInfo(place))
    assert offsets(named_zone(name.upper())) == offsets(ZoneInfo(place))


def test_the_table_of_windows_names_is_whole():
    assert windows_zones() == {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" Europe/Berlin ", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("US/Pacific", "US/Pacific"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("Europe/Kiev", "Europe/Kiev"),
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Z", "UTC"),
        ("GMT", "GMT"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("W. Europe Daylight Time", "Europe/Berlin"),
        ("W. Europe", "Europe/Berlin"),
        ("Eastern", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT+01.00) Sarajevo, Skopje, Warsaw, Zagreb", "Europe/Sarajevo"),
        ("Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        (r"Amsterdam\, Berlin\, Bern\, Rome\, Stockholm\, Vienna", "Europe/Amsterdam"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "America/Los_Angeles"),
        ("(UTC-06:00) Central America", "America/Guatemala"),
        ("(UTC+01:00) West Central Africa", "Africa/Lagos"),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC+05:45) Kathmandu", "Asia/Kathmandu"),
        ("(UTC-07:00) Arizona", "US/Arizona"),
        ("(UTC+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo"),
        ("(UTC+12:00) Auckland, Wellington", "Pacific/Auckland"),
    ],
)
def test_a_name_is_read_as_programs_mean_it(written, meant):
    assert offsets(named_zone(written)) == offsets(ZoneInfo(meant))


@pytest.mark.parametrize(
    "written",
    [
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "/citadel.org/20210210_1/Europe/Berlin",
        "/softwarestudio.org/Olson_20011030_5/Europe/Berlin",
        "Tzfile/Europe/Berlin",
        "../Europe/Berlin",
    ],
)
def test_a_path_before_a_name_is_dropped(written):
    assert busy_in(at_ten(written), owner=AUCKLAND) == periods("12-02 09:00/10:00")


def test_a_path_can_be_before_utc():
    assert busy_in(at_ten("/freeassociation.sourceforge.net/UTC"), owner=AUCKLAND) == periods("12-02 10:00/11:00")


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC+01:00", 1), ("GMT-0500", -5), ("+0530", 5.5), ("UTC+3", 3), ("GMT+5:45", 5.75)]
)
def test_an_offset_can_be_the_name(name, hours):
    assert datetime(2026, 12, 2, tzinfo=named_zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    [
        *["Zork/Zork", "Germany/Berlin", "Germany/Eastern", "Custom", "Europe", "localtime", "Factory", "é"],
        *["(UTC+05:00) Zork", "(UTC+09:00) Amsterdam, Berlin", "UTC+99", "GMT+25:00"],
    ],
)
def test_an_unknown_name_is_read_in_the_zone_of_the_owner(name):
    reading = read(at_ten(f'"{name}"'), owner=AUCKLAND)

    assert named_zone(name) is None
    assert busy(reading) == periods("12-01 21:00/22:00")
    assert reading.notes == {NoteKind.UNKNOWN_ZONE: 1}


def test_an_unknown_zone_is_read_in_that_of_the_calendar():
    reading = read(at_ten("Zork"), head="X-WR-TIMEZONE:Asia/Kolkata\n", owner=AUCKLAND)

    assert busy(reading) == periods("12-02 04:30/05:30")
    assert reading.notes == {NoteKind.UNKNOWN_ZONE: 1}


def test_entries_with_unknown_zones_are_counted_once_and_only_within_the_window():
    once, again, past = (
        at_ten("Zork"),
        at_ten("Zork").replace("UID:a", "UID:b"),
        at_ten("Zork").replace("2026", "2020"),
    )

    assert read(once, again, past.replace("UID:a", "UID:c")).notes == {NoteKind.UNKNOWN_ZONE: 2}


def test_a_display_name_with_a_colon_needs_no_quotes():
    assert busy_in(at_ten("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna")) == periods(
        "12-02 09:00/10:00"
    )


def test_start_and_end_can_be_in_different_zones():
    flight = "UID:a\nDTSTART;TZID=Europe/Berlin:20261202T100000\nDTEND;TZID=America/New_York:20261202T130000"

    assert busy_in(flight) == periods("12-02 09:00/18:00")


def test_an_end_without_a_zone_is_in_that_of_the_start():
    assert busy_in("UID:a\nDTSTART;TZID=Asia/Tokyo:20261202T190000\nDTEND:20261202T200000") == periods(
        "12-02 10:00/11:00"
    )


def test_a_zone_is_defined_after_its_use():
    late = definition("Own", observance("+0200", "+0200"))

    assert busy_in(f"{at_ten('Own')}\nEND:VEVENT\n{late}BEGIN:VEVENT\nUID:b\nDTSTART:20261203T100000Z") == periods(
        "12-02 08:00/09:00"
    )


def test_a_defined_zone_follows_its_rules_in_summer():
    event = at_ten("Somewhere").replace("20261202", "20270702")

    found = busy_in(event, head=definition("Somewhere"), window=period("2027-07-01 00:00/2027-08-01 00:00"))

    assert found == periods("2027-07-02 08:00/09:00")


def test_the_clock_of_a_defined_zone_agrees_with_the_zone_it_describes():
    """Every half an hour around both clock changes, where times are skipped or occur twice."""
    days = ["20270327", "20270328", "20271030", "20271031"]
    starts = [f"{day}T{hour:02}{minute}00" for day in days for hour in range(24) for minute in ("00", "30")]
    window = period("2027-01-01 00:00/2028-01-01 00:00")

    def single(zone: str, start: str) -> str:
        return f"UID:{start}\nDTSTART;TZID={zone}:{start}\nDURATION:PT1M"

    defined = busy_in(*(single("Own", start) for start in starts), head=definition("Own"), window=window)

    assert defined == busy_in(*(single("Europe/Berlin", start) for start in starts), window=window)
    assert len(defined) == len(starts) - 2  # At two skipped times, there is another entry already.


def test_exceptions_in_utc_are_found_in_a_defined_zone():
    """Those in the hour that occurs twice, too."""
    series = """
UID:a
DTSTART;TZID=Own:20271029T023000
DURATION:PT10M
RRULE:FREQ=DAILY;COUNT=4
EXDATE:20271030T003000Z,20271031T003000Z
"""
    window = period("2027-10-01 00:00/2027-12-01 00:00")

    assert busy_in(series, head=definition("Own"), window=window) == periods(
        "2027-10-29 00:30/00:40", "2027-11-01 01:30/01:40"
    )


def test_a_zone_can_be_defined_by_one_offset():
    fixed = definition("Fixed", observance("+0545", "+0545"))

    assert busy_in(at_ten("Fixed"), head=fixed) == periods("12-02 04:15/05:15")


def test_a_zone_can_be_defined_for_one_year_without_a_rule():
    year = observance("+0200", "+0100", "20261025T030000") + observance(
        "+0100", "+0200", "20260329T020000", "DAYLIGHT"
    )

    assert busy_in(at_ten("Own"), head=definition("Own", year)) == periods("12-02 09:00/10:00")


def test_a_zone_can_be_defined_by_dates_and_end_in_the_middle():
    changes = """
BEGIN:STANDARD
DTSTART:20201025T030000
RDATE:20261201T000000,20261203T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20200329T020000
RRULE:FREQ=YEARLY;UNTIL=20240331T010000Z;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0300
END:DAYLIGHT
"""
    assert busy_in(at_ten("Own"), head=definition("Own", changes)) == periods("12-02 09:00/10:00")


def test_before_its_first_change_a_zone_has_the_offset_from_which_it_changes():
    later = definition("Own", observance("+0400", "+0300", "20270101T000000"))

    assert busy_in(at_ten("Own"), head=later) == periods("12-02 06:00/07:00")


@pytest.mark.parametrize(
    "observances",
    [
        "",
        observance("+9900", "+0100"),
        observance("", ""),
        observance("+0100", "+0100", "soon"),
        RULES_OF_BERLIN.replace("YEARLY", "SECONDLY"),
        RULES_OF_BERLIN.replace("YEARLY", "DAILY"),
        RULES_OF_BERLIN.replace("FREQ=YEARLY", "INTERVAL=0;FREQ=YEARLY"),
    ],
)
def test_a_definition_that_cannot_be_used_leaves_the_zone_unknown(observances):
    reading = read(at_ten("Own"), head=definition("Own", observances), owner=AUCKLAND)

    assert busy(reading) == periods("12-01 21:00/22:00")
    assert reading.notes == {NoteKind.UNKNOWN_ZONE: 1}


def test_a_definition_says_which_place_it_is():
    wrong = definition("Mine", f"X-LIC-LOCATION:Asia/Tokyo\n{observance('+0100', '+0100')}")

    assert busy_in(at_ten("Mine"), head=wrong) == periods("12-02 01:00/02:00")


def test_a_known_place_is_not_defined_anew():
    """Some programs write wrong or outdated rules."""
    outdated = definition("Europe/Berlin", observance("+0900", "+0900"))

    assert busy_in(at_ten("Europe/Berlin"), head=outdated) == periods("12-02 09:00/10:00")


def test_an_abbreviation_means_what_the_calendar_defines():
    summer = at_ten("EST").replace("20261202", "20270702")
    rules = RULES_OF_BERLIN.replace("+0100", "-0500").replace("+0200", "-0400")
    window = period("2027-07-01 00:00/2027-08-01 00:00")

    assert busy_in(summer, head=definition("EST", rules), window=window) == periods("2027-07-02 14:00/15:00")
    assert busy_in(summer, window=window) == periods("2027-07-02 15:00/16:00")


@pytest.mark.parametrize("written", ['"My Zone, or yours"', '"MY  ZONE, or yours"', r"My Zone\, or yours"])
def test_names_are_compared_without_escapes_quotes_and_case(written):
    head = definition(r"My Zone\, or yours", observance("+0200", "+0200"))

    assert busy_in(at_ten(written), head=head) == periods("12-02 08:00/09:00")


def test_a_definition_from_another_calendar_of_the_stream_is_the_last_resort():
    defining, using = calendar(head=definition("Own", observance("+0200", "+0200"))), calendar(at_ten("Own"))

    reading = read_feed(using + defining, WINDOW, LONDON)

    assert busy(reading) == periods("12-02 08:00/09:00")
    assert reading.notes == {}
