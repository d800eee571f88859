from datetime import timedelta

import pytest

from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.ics.scanner import MAX_BYTES, MAX_ENTRIES
from scheduling.calendars.reading import Failure, NoteKind, Reading, ReadingFailed
from tests.scheduling.calendars.ics.reading import LONDON, WINDOW, busy, busy_in, calendar, mornings, read

EVENT = "UID:a\nDTSTART:20261202T100000Z\nDTEND:20261202T110000Z"
GOOD = calendar(EVENT)


def feed(text: bytes) -> Reading:
    return read_feed(text, WINDOW, LONDON)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r"),
        GOOD.replace(b"\n", b"\r\r\n"),
        GOOD.replace(b"\n", b"\n\n"),
        GOOD.replace(b"\n", b" \n"),
        b"\n\n" + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-16-le"),
        GOOD.decode().encode("utf-16-be"),
        GOOD.decode().encode("utf-32"),
        GOOD.replace(b"UID:a", b"UID:a\0\0"),
        GOOD.replace(b"DTSTART:", b"DT\r\n START:\r\n\t"),
        GOOD.replace(b"UID:a", b"UID:a\nSUMMARY:\xff\xfe\xe9"),
        GOOD.replace(b"UID:a", b"UID:a\nSUMMARY:caf\xc3\n \xa9"),
        GOOD.replace(b"UID:a", b"UID:a\nDESCRIPTION:" + b"x" * 1_000_000),
        GOOD.replace(b"UID:a", b"UID:a\nDESCRIPTION:\xe2\x80\xa8END:VEVENT\x0bEND:VCALENDAR\x85"),
        GOOD.replace(b"UID:a", b'UID:a\nX-APPLE-STRUCTURED-LOCATION;X-TITLE="a:b;c":geo:1,2'),
        GOOD + b"<!-- served by a proxy -->",
        b"Notice: something is deprecated\n" + GOOD,
        GOOD.lower(),
    ],
)
def test_encodings_and_line_ends_make_no_difference(text):
    reading = feed(text)

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"\0",
        b"null",
        b"<html><body>Sign in</body></html>",
        b"BEGIN:VCALENDAR",
        GOOD.removesuffix(b"END:VCALENDAR\n"),
        GOOD[: len(GOOD) // 2],
        GOOD + GOOD[: len(GOOD) // 2],
        GOOD[: len(GOOD) // 2] + b"\n" + GOOD,
        GOOD.replace(b"END:VCALENDAR", b"END:VCALENDER"),
        b"BEGIN:VEVENT\n" + EVENT.encode() + b"\nEND:VEVENT\n",
        b"BEGIN:VCARD\nFN:Ada\nEND:VCARD\n",
        GOOD.replace(b"BEGIN:VEVENT", b"BEGIN:X\n" * 100 + b"BEGIN:VEVENT"),
        calendar(*[""] * (MAX_ENTRIES + 1)),
        GOOD + b" " * MAX_BYTES,
    ],
    ids=range(16),
)
def test_what_is_no_whole_calendar_is_refused(text):
    with pytest.raises(ReadingFailed) as failed:
        feed(text)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_as_many_entries_as_allowed_are_read():
    free = ["UID:{}\nDTSTART:20261202T100000Z\nTRANSP:TRANSPARENT"] * (MAX_ENTRIES - 1)

    assert busy_in(EVENT, *free) == mornings("12-02")


@pytest.mark.parametrize(
    "broken",
    [
        "UID:b",
        "UID:b\nDTEND:20261203T110000Z",
        "UID:b\nDTSTART:\nDTEND:20261203T110000Z",
        "UID:b\nDTSTART:20261203T100000Z\nDTEND:soon",
        "UID:b\nDTSTART:20261203T100000Z\nDURATION:an hour",
        "UID:b\nDTSTART:20261203T250000Z\nDURATION:PT1H",
        "UID:b\nDTSTART:20260230T100000Z\nDURATION:PT1H",
        "UID:b\nDTSTART:00000101T100000Z\nDURATION:PT1H",
        "UID:b\nDTSTART:20261203T100000Z\nDURATION:PT1H\nEXDATE:never",
        "UID:b\nDTSTART:20261203T100000Z\nDURATION:PT1H\nRDATE:20261203/later",
        "UID:b\nDTSTART;VALUE=DATE:2026",
    ],
)
def test_a_broken_entry_costs_only_itself(broken):
    reading = read(broken, EVENT)

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_an_entry_without_an_end_is_broken():
    unfinished = calendar(EVENT.replace("1202", "1203"), EVENT.replace("UID:a", "UID:b")).replace(
        b"END:VEVENT\n", b"", 1
    )

    reading = feed(unfinished)

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_a_misspelt_end_breaks_the_last_entry():
    reading = feed(
        calendar(EVENT, EVENT.replace("a\n", "b\n").replace("1202", "1203")).replace(
            b"END:VEVENT\nEND:VCAL", b"END:EVENT\nEND:VCAL"
        )
    )

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 1}


def test_an_end_without_a_beginning_is_ignored():
    assert busy_in(f"END:VALARM\nEND:X\n{EVENT}") == mornings("12-02")


def test_properties_of_components_inside_an_entry_are_not_its_own():
    inside = """
BEGIN:VALARM
UID:alarm
DTSTART:20261203T100000Z
STATUS:CANCELLED
BEGIN:X-DEEPER
DURATION:P7D
END:X-DEEPER
END:VALARM
BEGIN:VLOCATION
UID:place
RRULE:FREQ=DAILY
END:VLOCATION
BEGIN:PARTICIPANT
TRANSP:TRANSPARENT
END:PARTICIPANT
"""
    assert busy_in(inside + EVENT) == mornings("12-02")


def test_an_unfinished_alarm_breaks_no_entry():
    assert busy_in(f"{EVENT}\nBEGIN:VALARM\nTRIGGER:-PT15M") == mornings("12-02")


def test_tasks_journals_and_availability_are_not_busy():
    others = "".join(
        f"BEGIN:{kind}\nUID:{kind}\nDTSTART:20261203T100000Z\nDTEND:20261203T110000Z\nDUE:20261203T110000Z\nEND:{kind}\n"
        for kind in ["VTODO", "VJOURNAL", "VAVAILABILITY", "X-VENDOR"]
    )

    assert busy_in(EVENT, head=others) == mornings("12-02")


def test_two_calendars_are_read_with_a_byte_order_mark_each():
    second = calendar("UID:b\nDTSTART:20261203T100000Z\nDURATION:PT1H")

    assert busy(feed(b"\xef\xbb\xbf" + GOOD + b"\xef\xbb\xbf" + second)) == mornings("12-02", "12-03")


def test_a_name_and_an_interval_are_those_of_the_calendar():
    head = "X-WR-CALNAME:Work\\, and more\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\nX-PUBLISHED-TTL:PT1H\n"

    reading = read(f"{EVENT}\nSUMMARY:Secret\nNAME:Hidden", head=head)

    assert (reading.name, reading.refresh_interval) == ("Work, and more", timedelta(hours=12))
    assert read(EVENT, head="NAME:Home\nX-PUBLISHED-TTL:PT1H\n").refresh_interval == timedelta(hours=1)
    assert read(EVENT, head="NAME:Home\n").name == "Home"
    assert read(EVENT, head="REFRESH-INTERVAL:-PT1H\n").refresh_interval is None
    assert read(EVENT).name == ""


def test_nothing_personal_is_kept():
    reading = read(
        f"{EVENT}\nSUMMARY:Secret\nLOCATION:Secret\nDESCRIPTION:Secret\nORGANIZER;CN=Secret:mailto:secret@example.com\n"
        "ATTENDEE;CN=Secret:mailto:secret@example.com\nCATEGORIES:Secret\nURL:https://secret.example.com"
    )

    assert busy(reading) == mornings("12-02")
    assert "secret" not in repr(reading).casefold()
