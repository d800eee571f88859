"""The objects of a CalDAV collection, each a calendar with the entries of one UID."""

import pytest

from scheduling.calendars.ics.reader import read_objects
from scheduling.calendars.ics.scanner import MAX_BYTES, MAX_ENTRIES
from scheduling.calendars.reading import Failure, NoteKind, OwnEntry, Owner, Reading, ReadingFailed
from tests.scheduling.calendars.ics.reading import LONDON, WINDOW, busy, calendar, mornings, period, series


def read(*texts: bytes) -> Reading:
    owner = Owner(LONDON.zone, LONDON.addresses, frozenset({"ours"}))
    return read_objects(texts, WINDOW, owner)


def single(uid: str, day: str) -> bytes:
    return calendar(f"UID:{uid}\nDTSTART:202612{day}T100000Z\nDTEND:202612{day}T110000Z")


def test_no_objects_are_an_empty_calendar():
    assert read() == Reading(busy=())


def test_a_broken_object_costs_only_itself():
    texts = [single("a", "02"), b"", b"<error/>", single("b", "03")[:-15], b"\xff" * 10, single("c", "04")]

    reading = read(*texts)

    assert busy(reading) == mornings("12-02", "12-04")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 4}


def test_objects_do_not_share_their_entries_and_zones():
    standard = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:Own\n{standard}END:VTIMEZONE\n"
    event = "UID:a\nDTSTART;TZID=Own:20261202T120000\nDURATION:PT1H"

    reading = read(*(calendar(event, head=zone.format(offset)) for offset in ["+0200", "-0300"]), calendar(event))

    assert busy(reading) == [period("12-02 10:00/11:00"), period("12-02 12:00/13:00"), period("12-02 15:00/16:00")]
    assert reading.notes == {NoteKind.UNKNOWN_ZONE: 1}


def test_a_series_and_its_changes_are_one_object():
    changed = "UID:a\nRECURRENCE-ID:20261203T100000Z\nDTSTART:20261205T100000Z\nDTEND:20261205T110000Z"

    assert busy(read(calendar(series("RRULE:FREQ=DAILY;COUNT=2"), changed))) == mornings("12-02", "12-05")


def test_our_own_entry_is_kept_apart():
    reading = read(single("ours", "02"), single("a", "03"))

    assert busy(reading) == mornings("12-03")
    assert reading.own == (OwnEntry("ours", period("12-02 10:00/11:00")),)


def test_objects_that_are_too_large_together_are_refused():
    half = calendar("UID:a\nDESCRIPTION:" + "x" * (MAX_BYTES // 2))

    with pytest.raises(ReadingFailed) as failed:
        read(half, half)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_too_many_entries_in_all_objects_are_refused():
    free = calendar(*["TRANSP:TRANSPARENT"] * (MAX_ENTRIES // 2))

    assert read(free, free).busy == ()
    with pytest.raises(ReadingFailed) as failed:
        read(free, free, single("a", "02"))
    assert failed.value.failure == Failure.NOT_A_CALENDAR
