"""Reading calendars in tests: short text in, plain values out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period, merge
from scheduling.calendars.ics.reader import read_feed
from scheduling.calendars.reading import NoteKind, Owner, Reading

# In December, when London is at UTC.
WINDOW = Period(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
LONDON = Owner(ZoneInfo("Europe/London"), frozenset({"ada@example.com"}))


def moment(text: str) -> datetime:
    """`12-02 10:00` is in December 2026, and `2027-01-02 10:00` says its year."""
    return datetime.fromisoformat(text if text.count("-") == 2 else f"2026-{text}").replace(tzinfo=UTC)


def period(text: str) -> Period:
    """`12-02 10:00/11:00` or `12-02 10:00/12-03 11:00`."""
    start, end = text.split("/")
    return Period(moment(start), moment(end if "-" in end else f"{start.split(' ')[0]} {end}"))


def periods(*texts: str) -> list[Period]:
    return [period(text) for text in texts]


def busy(reading: Reading) -> list[Period]:
    """All busy times, tentative or not."""
    return merge(time.period for time in reading.busy)


def calendar(*entries: str, head: str = "") -> bytes:
    """A calendar of events, each given by its lines."""
    events = "".join(f"BEGIN:VEVENT\n{entry.strip()}\nEND:VEVENT\n" for entry in entries)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{events}END:VCALENDAR\n".encode()


def read(*entries: str, head: str = "", window: Period = WINDOW, owner: Owner = LONDON) -> Reading:
    return read_feed(calendar(*entries, head=head), window, owner)


def busy_in(*entries: str, head: str = "", window: Period = WINDOW, owner: Owner = LONDON) -> list[Period]:
    """Read entries about which nothing is unclear."""
    reading = read(*entries, head=head, window=window, owner=owner)
    assert reading.notes == {}
    return busy(reading)


def notes_in(*entries: str, **options: object) -> dict[NoteKind, int]:
    return dict(read(*entries, **options).notes)


def series(lines: str, *, start: str = "20261202T100000Z", end: str = "20261202T110000Z") -> str:
    return f"UID:a\nDTSTART:{start}\nDTEND:{end}\n{lines}"


def mornings(*days: str) -> list[Period]:
    return periods(*(f"{day} 10:00/11:00" for day in days))
