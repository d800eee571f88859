"""Calendars as real programs, and hostile ones, write them. `odd/expected.json` says what each makes busy."""

import json
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.isolated import read_feed_in_child
from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.reading import Failure, NoteKind, Owner, ReadingFailed
from tests.scheduling.calendars.ics.reading import busy

FOLDER = Path(__file__).parent / "odd"
CASES = {case["file"]: case for case in json.loads((FOLDER / "expected.json").read_text())}
# Nothing but a limit of CPU time ends these.
ENDLESS = ["28-30-february-for-ever.ics", "61-daily-with-a-month-and-day-that-never-meet-no-an.ics"]
BOUNDED = [file for file in CASES if file[:2] in {"25", "26", "27", "28", "54", "61"}]
NOTES = {
    "08": {NoteKind.UNKNOWN_ZONE: 1},
    "22": {NoteKind.ENDS_BEFORE_START: 3},
    "25": {NoteKind.UNFOLLOWED_RULE: 1},
    "26": {NoteKind.UNFOLLOWED_RULE: 1},
    "27": {NoteKind.UNFOLLOWED_RULE: 1},
    "49": {NoteKind.BROKEN_ENTRY: 1},
}


def text_of(file):
    return (FOLDER / file).read_bytes()


def window_of(case):
    start, end = (datetime.fromisoformat(bound).astimezone(UTC) for bound in case["window"])
    return Period(start, end)


def owner_of(case):
    return Owner(ZoneInfo(case["owner_zone"]), frozenset(case["own_addresses"]))


def expected(case):
    return [Period(*(datetime.fromisoformat(bound).astimezone(UTC) for bound in bounds)) for bounds in case["busy"]]


def test_every_calendar_of_the_folder_has_an_expectation():
    assert {path.name for path in FOLDER.glob("*.ics")} == CASES.keys()
    assert len(CASES) == 62


def test_git_keeps_the_bytes():
    assert text_of("31-utf-16.ics").startswith(b"\xff\xfeB\0")
    assert text_of("33-cr-only.ics").count(b"\n") == 0
    assert b"M\xfcnchen" in text_of("30-latin-1.ics")
    assert text_of("29-bom-lf-only-lower-case.ics").startswith(b"\xef\xbb\xbf")
    assert text_of("01-own-vtimezone-team-tz-13.ics").count(b"\r\n") == 18
    assert text_of("36-empty-body.ics") == b""


# In this order in one process: the first two define different zones with the same name.
@pytest.mark.parametrize(
    "file", [file for file in CASES if file not in ENDLESS and CASES[file]["busy"] != "UNREADABLE"]
)
def test_a_calendar_is_busy_when_it_should_be(file):
    case = CASES[file]

    reading = read_feed(text_of(file), window_of(case), owner_of(case))

    assert busy(reading) == expected(case)
    assert reading.notes == NOTES.get(file[:2], {})


@pytest.mark.parametrize("file", [file for file in CASES if CASES[file]["busy"] == "UNREADABLE"])
def test_what_is_no_whole_calendar_is_refused(file):
    case = CASES[file]

    with pytest.raises(ReadingFailed) as failed:
        read_feed(text_of(file), window_of(case), owner_of(case))

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_the_same_zone_name_means_what_each_calendar_defines():
    first, second = list(CASES)[:2]

    readings = [
        read_feed(text_of(file), window_of(CASES[file]), owner_of(CASES[file])) for file in [first, second, first]
    ]

    assert [busy(reading) for reading in readings] == [expected(CASES[file]) for file in [first, second, first]]


@pytest.mark.parametrize("file", BOUNDED)
def test_no_rule_takes_longer_than_two_seconds(file):
    case = CASES[file]
    before = child_cpu_seconds()

    reading = read_feed_in_child(text_of(file), window_of(case), owner_of(case), patience=timedelta(minutes=2))

    assert busy(reading) == expected(case)
    # The two seconds are those of the entry. Starting the child has a share of its own.
    assert child_cpu_seconds() - before < 3.5
    if file != "28-30-february-for-ever.ics":
        assert reading.notes == ({NoteKind.UNFOLLOWED_RULE: 1} if file[:2] != "54" else {})


def child_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
