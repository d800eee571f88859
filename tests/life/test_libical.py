"""The second parser of our calendars refuses invalid ones."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar, Event

from tests.life.calendars import read_by_icalendar
from tests.life.libical import Unreadable, is_here, read_event

pytestmark = pytest.mark.skipif(not is_here(), reason="no libical on this machine: `apt-get install libical3` gets it")


def an_object(**left_out: bool) -> bytes:
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Tests//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    event.add("uid", "one")
    event.add("sequence", 3)
    event.add("summary", "Interview")
    event.add("dtstamp", datetime(2026, 11, 23, tzinfo=UTC))
    event.add("dtstart", datetime(2026, 12, 1, 9, tzinfo=UTC))
    event.add("dtend", datetime(2026, 12, 1, 10, tzinfo=UTC))
    event.add("status", "CONFIRMED")
    if "organizer" not in left_out:
        event.add("organizer", "mailto:ada@example.com", encode=False)
    event.add("attendee", "mailto:ada@example.com", encode=False)
    event.add("attendee", "mailto:dana@example.com", encode=False)
    calendar.add_component(event)
    return calendar.to_ical()


def test_both_readers_read_the_same():
    assert read_event(an_object()) == read_by_icalendar(an_object())
    assert read_event(an_object()).start == "20261201T090000Z"


@pytest.mark.parametrize(
    "broken",
    [
        b"Good morning",
        an_object(organizer=False),
        an_object().replace(b"DTSTART:20261201T090000Z", b"DTSTART:tomorrow"),
        an_object().replace(b"END:VEVENT", b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:two\r\nEND:VEVENT"),
    ],
)
def test_what_is_broken_is_refused(broken):
    with pytest.raises(Unreadable):
        read_event(broken)
