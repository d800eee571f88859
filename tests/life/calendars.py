"""A calendar that handles invitations in emails as calendars do (RFC 5546), each read by two parsers."""

from dataclasses import dataclass, field
from email.message import EmailMessage

from icalendar import Calendar

from tests.life.libical import ReadEvent, read_event


def read_invite(message: EmailMessage) -> ReadEvent:
    """Return what libical reads, after icalendar has read the same."""
    part = list(message.iter_parts())[-1]
    content = part.get_payload(decode=True)
    read = read_event(content)
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == read.method
    assert read == read_by_icalendar(content)
    return read


def read_by_icalendar(content: bytes) -> ReadEvent:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.events
    return ReadEvent(
        method=str(calendar.get("METHOD", "")),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        start=f"{event.start:%Y%m%dT%H%M%SZ}",
        end=f"{event.end:%Y%m%dT%H%M%SZ}",
        status=str(event["STATUS"]),
        organizer=str(event.get("ORGANIZER", "")),
        attendees=tuple(str(each) for each in event.get("ATTENDEE", [])),
    )


@dataclass
class ModelCalendar:
    """Events by UID, each by its highest SEQUENCE. Cancelled ones are kept, because emails can arrive out of order."""

    latest: dict[str, ReadEvent] = field(default_factory=dict)

    def take(self, event: ReadEvent) -> None:
        known = self.latest.get(event.uid)
        if known is None or event.sequence > known.sequence:
            self.latest[event.uid] = event

    @property
    def events(self) -> list[tuple[str, str, str]]:
        shown = [event for event in self.latest.values() if event.method == "REQUEST"]
        return sorted((event.start, event.end, event.status) for event in shown)
