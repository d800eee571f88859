"""Row 11: reading a calendar into busy times, against icalendar and recurring-ical-events reading all of it."""

import time as clock
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from caledee.timekeeping.periods import Period, clip, merge
from scheduling.calendars.ics.isolated import read_feed_in_child
from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.reading import Owner
from tests.bench.house import House
from tests.bench.table import Figures, Row, Table, say

EVENTS, SERIES = 5_000, 200
OWNER = Owner(ZoneInfo("Europe/Berlin"))
WINDOW = Period(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 30, tzinfo=UTC))
PATIENCE = timedelta(minutes=5)
RULES = [
    "FREQ=WEEKLY;BYDAY=MO",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=1WE",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270401T000000Z",
]
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def measure(table: Table, _house: House, *, quick: bool) -> None:
    text = calendar()
    assert ours(text) == librarys(text), "the two find other busy times"
    times = 3 if quick else 9
    mine, low = _in_turns(lambda: ours(text), lambda: librarys(text), times)
    what = f"a calendar of {EVENTS:,} events with {SERIES} series, {len(text) / 1e6:.1f} MB, 60 days"
    table.compare("11", what, mine, low, most=0.5, periods=len(ours(text)))
    for name, read in [("the same", text), ("an empty calendar", b"BEGIN:VCALENDAR\nEND:VCALENDAR")]:
        taken = [
            _timed(lambda read=read: read_feed_in_child(read, WINDOW, OWNER, patience=PATIENCE)) for _ in range(times)
        ]
        table.add(Row("11", f"{name}, in a child process", say(Figures.of(taken)), figures={"ours": taken}))
    table.note("Row 11: the floor is icalendar, which parses the whole calendar, with recurring-ical-events.")


def calendar() -> bytes:
    """Three years of single events, and series that began within the first two."""
    first = datetime(2025, 1, 1, 8)
    starts = [first + timedelta(days=number % 1095, minutes=7 * number % 600) for number in range(EVENTS - SERIES)]
    entries = [_event(number, start) for number, start in enumerate(starts)]
    for number in range(SERIES):
        start = first + timedelta(days=3 * number, minutes=30 * (number % 16))
        rule = f"RRULE:{RULES[number % len(RULES)]}\n"
        # One in four has an occurrence left out.
        excluded = f"EXDATE;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}\n" if number % 4 == 0 else ""
        entries.append(_event(EVENTS + number, start, rule + excluded))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//EN\n{ZONE}{''.join(entries)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def _event(number: int, start: datetime, more: str = "") -> str:
    end = start + timedelta(minutes=[15, 30, 45, 60][number % 4])
    return (
        f"BEGIN:VEVENT\nUID:{number:08}@bench.example\nDTSTAMP:20250101T000000Z\nSEQUENCE:{number % 3}\n"
        f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}\nDTEND;TZID=Europe/Berlin:{end:%Y%m%dT%H%M%S}\n{more}"
        f"SUMMARY:Meeting number {number}\nLOCATION:Room {number % 40}\nSTATUS:CONFIRMED\nTRANSP:OPAQUE\n"
        "DESCRIPTION:What to talk about\\, and who brings what.\\nThe minutes \n of the last time are attached.\n"
        "END:VEVENT\n"
    )


def ours(text: bytes) -> list[Period]:
    return merge(time.period for time in read_feed(text, WINDOW, OWNER).busy)


def librarys(text: bytes) -> list[Period]:
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(WINDOW.start, WINDOW.end)
    return merge(clip([Period(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events], WINDOW))


def _in_turns(
    first: Callable[[], object], second: Callable[[], object], times: int
) -> tuple[list[float], list[float]]:
    turns = [(_timed(first), _timed(second)) for _ in range(times)]
    return [one for one, _ in turns], [other for _, other in turns]


def _timed(work: Callable[[], object]) -> float:
    began = clock.perf_counter()
    work()
    return (clock.perf_counter() - began) * 1000
