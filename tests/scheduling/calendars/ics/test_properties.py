"""Generated calendars."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from caledee.timekeeping.periods import Period, clip, merge
from scheduling.calendars.ics.reader import read_feed, read_objects
from scheduling.calendars.reading import Owner, Reading, ReadingFailed
from tests.scheduling.calendars.ics.naive import NaiveRule
from tests.scheduling.calendars.ics.reading import LONDON, WINDOW, busy, calendar

ZONES = ["Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns", "UTC"]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@st.composite
def rules(draw: st.DrawFn) -> NaiveRule:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    by_weekday = draw(st.booleans()) and frequency != "YEARLY"
    numbers = st.integers(-5, 5) if frequency == "MONTHLY" else st.just(0)
    weekdays = draw(st.lists(st.tuples(numbers, st.integers(0, 6)), min_size=1, max_size=3)) if by_weekday else []
    with_days = frequency in {"MONTHLY", "DAILY"} and draw(st.booleans())
    month_day = st.one_of(st.integers(1, 31), st.integers(-31, -1))
    ends = draw(st.sampled_from(["never", "count", "until"]))
    return NaiveRule(
        frequency=frequency,
        interval=draw(st.integers(1, 5)),
        count=draw(st.integers(1, 30)) if ends == "count" else None,
        until=draw(st.dates(date(2026, 1, 1), date(2027, 12, 31))) if ends == "until" else None,
        week_start=draw(st.integers(0, 6)),
        weekdays=weekdays,
        # No rule that never meets a day: it would end only under a limit of time.
        month_days=draw(st.lists(month_day.filter(lambda day: abs(day) < 29), min_size=1, max_size=3))
        if with_days
        else [],
        months=draw(st.lists(st.integers(1, 12), min_size=1, max_size=6, unique=True)) if draw(st.booleans()) else [],
        position=draw(st.sampled_from([1, 2, -1, -2])) if frequency == "MONTHLY" and weekdays else None,
    )


@given(
    rule=rules(),
    first=st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    days=st.integers(0, 400),
    left_out=st.lists(st.integers(0, 100), max_size=5),
)
@settings(deadline=None, max_examples=150)
def test_a_series_is_what_looking_at_each_day_finds(rule, first, hour, zone, days, left_out):
    window = Period(datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=days + 1))
    found = days_of(rule, first, window)
    excluded = [found[number] for number in left_out if number < len(found)]
    start = datetime.combine(first, time(hour))
    lines = [
        "UID:a",
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}",
        "DURATION:PT90M",
        f"RRULE:{rule.text()}",
        *(f"EXDATE;TZID={zone}:{datetime.combine(day, time(hour)):%Y%m%dT%H%M%S}" for day in excluded),
    ]

    reading = read_feed(calendar("\n".join(lines)), window, LONDON)

    starts = [
        datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC) for day in found if day not in excluded
    ]
    assert busy(reading) == merge(clip([Period.lasting(start, 1.5 * HOUR) for start in starts], window))
    assert reading.notes == {}


@given(
    rule=rules(),
    first=st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    length=st.integers(1, 9),
    zone=st.sampled_from(ZONES),
)
@settings(deadline=None, max_examples=75)
def test_a_series_of_whole_days_is_what_looking_at_each_day_finds(rule, first, length, zone):
    owner, days = Owner(ZoneInfo(zone)), days_of(rule, first, WINDOW)
    lines = f"UID:a\nDTSTART;VALUE=DATE:{first:%Y%m%d}\nDURATION:P{length}D\nRRULE:{rule.text()}"

    reading = read_feed(calendar(lines), WINDOW, owner)

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), owner.zone).astimezone(UTC)

    assert busy(reading) == merge(clip([Period(midnight(day), midnight(day + length * DAY)) for day in days], WINDOW))


@given(
    rule=rules(),
    first=st.dates(date(2026, 6, 1), date(2026, 12, 31)),
    hour=st.integers(4, 23),
    moved=st.dictionaries(st.integers(0, 30), st.tuples(st.integers(-3, 3), st.integers(4, 23)), max_size=3),
)
@settings(deadline=None, max_examples=75)
def test_moved_occurrences_agree_with_another_library(rule, first, hour, moved):
    """It reads calendars that have nothing odd. Before 4:00, clocks change."""
    # Of weekdays with and without numbers in one rule, it only finds those with numbers.
    assume(len({number != 0 for number, _ in rule.weekdays}) < 2)
    days = days_of(rule, first, WINDOW)
    rule.until = None if rule.until is None or rule.until >= first else first
    entries = [f"UID:a\nDTSTART;TZID=Europe/London:{at(first, hour)}\nDURATION:PT1H\nRRULE:{rule.text()}"]
    for number, (by, to) in moved.items():
        if number < len(days):
            entries.append(
                f"UID:a\nRECURRENCE-ID;TZID=Europe/London:{at(days[number], hour)}\n"
                f"DTSTART;TZID=Europe/London:{at(days[number] + by * DAY, to)}\nDURATION:PT2H"
            )
    # Its other reading of UNTIL is avoided, which can be written as the end of the day in UTC.
    text = calendar(
        *(
            entry.replace(f"UNTIL={rule.until:%Y%m%d}", f"UNTIL={rule.until:%Y%m%d}T235959Z") if rule.until else entry
            for entry in entries
        )
    )

    assert busy(read_feed(text, WINDOW, LONDON)) == library_reads(text)


def days_of(rule: NaiveRule, first: date, window: Period) -> list[date]:
    """Rules that don't come back soon are left out: they end only under a limit of CPU time."""
    last = window.end.date() + 3 * DAY
    assume(rule.comes_back(first, last))
    return list(rule.days(first, last))


def at(day: date, hour: int) -> str:
    return f"{datetime.combine(day, time(hour)):%Y%m%dT%H%M%S}"


def library_reads(text: bytes) -> list[Period]:
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(WINDOW.start, WINDOW.end)
    return merge(clip([Period(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events], WINDOW))


FRAGMENTS = [
    *["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE"],
    *[
        "BEGIN:STANDARD",
        "END:STANDARD",
        "BEGIN:VFREEBUSY",
        "END:VFREEBUSY",
        "BEGIN:VALARM",
        "END:VALARM",
        "BEGIN:",
        "END:",
    ],
    *["UID:", "UID:a", "DTSTART", "DTSTART:", "DTEND:", "DURATION:", "RRULE:", "RDATE:", "EXDATE:", "RECURRENCE-ID:"],
    *["TZID:Own", ";TZID=Own:", ";TZID=Europe/Berlin:", ";VALUE=DATE:", ";RANGE=THISANDFUTURE:", "TZOFFSETFROM:+0100"],
    *[
        "TZOFFSETTO:+0100",
        "FREQ=DAILY",
        "FREQ=YEARLY",
        ";COUNT=3",
        ";UNTIL=",
        ";INTERVAL=",
        ";BYDAY=-1SU",
        "FREEBUSY:",
    ],
    *[
        "20261202T100000Z",
        "20261202T110000",
        "20261203",
        "00010101T000000",
        "99991231T235959",
        "/",
        "P1D",
        "-PT1H",
        ",",
    ],
    *[
        "SEQUENCE:1",
        "STATUS:CANCELLED",
        "ATTENDEE:mailto:ada@example.com",
        "PARTSTAT=",
        '"',
        ";",
        ":",
        "=",
        "\\",
        "0",
        "-1",
    ],
    *[
        "X-WR-TIMEZONE:",
        "X-APPLE-TRAVEL-DURATION:PT1H",
        "REFRESH-INTERVAL:P9999999W",
        "\n ",
        "\r",
        "\0",
        "é",
        "\ufeff",
    ],
]
VALUES = [
    *[
        "20261202",
        "20261202T100000",
        "20261202T100000Z",
        "99991231T235959Z",
        "00010101",
        "20261203/P1D",
        "P1D",
        "PT1H",
    ],
    *["-PT1H", "P9999999W", "FREQ=YEARLY", "FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;UNTIL=99991231", "1"],
]
# A line end after most of them makes more of them count.
LINES = st.lists(st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["\n", "\n", ""])), max_size=60)
EVENTS = LINES.map(lambda pieces: "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + join(pieces) + "\nEND:VEVENT\nEND:VCALENDAR\n")


def join(pieces: list[tuple[str, str]]) -> str:
    return "".join(piece + end for piece, end in pieces)


@given(text=st.one_of(st.binary(max_size=300), LINES.map(join).map(str.encode), EVENTS.map(str.encode)))
@settings(deadline=None, max_examples=400)
def test_any_bytes_are_a_reading_or_a_failure(text):
    try:
        reading = read_feed(text, WINDOW, LONDON)
    except ReadingFailed:
        reading = Reading(())
    objects = read_objects([text, text], WINDOW, LONDON)

    for found in (reading, objects):
        assert all(WINDOW.contains(time.period) for time in found.busy)
        assert list(found.busy) == sorted(found.busy)
        assert all(count > 0 for count in found.notes.values())


@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(["DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "SEQUENCE"]),
            st.sampled_from(
                ["", ";VALUE=DATE", ";TZID=Europe/London", ";TZID=Zork", ";VALUE=PERIOD", ";RANGE=THISANDFUTURE"]
            ),
            st.sampled_from(VALUES),
        ),
        max_size=10,
    ),
    zone=st.sampled_from(ZONES),
)
@settings(deadline=None, max_examples=400)
def test_any_mixture_of_properties_is_a_reading(lines, zone):
    entry = "\n".join(f"{name}{parameter}:{value}" for name, parameter, value in lines)
    series = "UID:a\nDTSTART:20261201T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=9"

    reading = read_feed(calendar(f"UID:a\n{entry}", series), WINDOW, Owner(ZoneInfo(zone)))

    assert all(WINDOW.contains(time.period) for time in reading.busy)
