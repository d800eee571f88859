"""Write bookings as iCalendar (RFC 5545) and iTIP by email (RFC 5546).

All times are in UTC and need no VTIMEZONE, which could be wrong. The library escapes text and folds lines at 75 bytes.
It does not filter control characters, so they are removed first (caledee.email.text).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.encoding import punycode

from caledee.email.messages import Invite
from caledee.email.text import one_line
from caledee.lazy import lazy_import
from caledee.timekeeping.periods import Period
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.feeds.links import Entry, describe, say_people
from scheduling.models import Booking

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = lazy_import("icalendar")  # slow to import, needed only when a calendar is written

PRODUCT = "-//Caledee//Caledee//EN"  # section 3.7.3
FEED_FORMAT = 1  # increased when the same entries are written differently
REFRESH_INTERVAL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An entry of a calendar feed. Its texts contain no control characters."""

    uid: str
    period: Period
    summary: str
    created_at: datetime
    changed_at: datetime
    sequence: int = 0
    location: str = ""
    description: str = ""
    link: str = ""
    is_tentative: bool = False


def write_invitation(booking: Booking, *, now: datetime, link: str = "") -> Invite:
    """Write a request to add or update the booking: METHOD:REQUEST (RFC 5546, section 3.2.2).

    The invitee chose the time and the organizer offered it, so both are ACCEPTED. The invitee can still respond
    differently (RSVP). An update keeps UID and increases SEQUENCE (RFC 5545, sections 3.8.4.7 and 3.8.7.4).
    """
    return Invite("REQUEST", _write(booking, now, link, method="REQUEST"))


def write_cancellation(booking: Booking, *, now: datetime, link: str = "") -> Invite:
    """Write a request to remove the booking: METHOD:CANCEL and STATUS:CANCELLED (RFC 5546, section 3.2.5).

    UID is the invitation's. `bookings.book.cancel` has increased SEQUENCE, so it is higher than in any earlier email.
    """
    return Invite("CANCEL", _write(booking, now, link, method="CANCEL"))


def calendar_file(booking: Booking, *, now: datetime, link: str = "") -> bytes:
    """Return the booking as a file to import, which invites nobody: without METHOD (RFC 5545, section 3.7.2), and
    without ORGANIZER and ATTENDEE, which published objects must not have (sections 3.8.4.1 and 3.8.4.3).
    """
    calendar = _calendar()
    calendar.add_component(_event_of_file(booking, now, link))
    content: bytes = calendar.to_ical()
    return content


def write_calendar(bookings: Iterable[Booking], *, now: datetime, link: str) -> Iterator[bytes]:
    """Yield these bookings as one iCalendar object, event by event, to limit memory.

    `bookings` must not be empty: a VCALENDAR needs a component (RFC 5545, section 3.6). `link` is the link of each
    event: never the invitee's page.
    """
    begin, end = _calendar().to_ical().split(b"END:VCALENDAR")
    yield begin
    for booking in bookings:
        yield _event_of_file(booking, now, link).to_ical()
    yield b"END:VCALENDAR" + end


def write_feed(name: str, entries: Iterable[CalendarEntry]) -> bytes:
    """Write a calendar to subscribe to. The same entries always produce the same bytes.

    A published calendar has no METHOD, so DTSTAMP is the last change of an entry (section 3.8.7.2). The name and the
    refresh interval are written as in RFC 7986, and again for older readers.
    """
    calendar = _calendar()
    # Passed as text because the library does not escape properties that it does not know.
    calendar.add("name", icalendar.vText(one_line(name)))
    calendar.add("x-wr-calname", icalendar.vText(one_line(name)))
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH_INTERVAL))
    events = [line for entry in entries for line in _feed_event(entry)]
    if not events:
        calendar.add_component(_universal_time())
    begin, end = calendar.to_ical().split(b"END:VCALENDAR")
    return b"".join([begin, *events, b"END:VCALENDAR", end])


def _write(booking: Booking, now: datetime, link: str, *, method: str) -> bytes:
    calendar = _calendar(method)
    event = _event(booking, now, describe(booking, link))
    _add_people(event, booking)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _calendar(method: str = "") -> "icalendar.Calendar":
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return calendar


def _event_of_file(booking: Booking, now: datetime, link: str) -> "icalendar.Event":
    """Write an event to import, with the participants in its description."""
    entry = describe(booking, link)
    description = "\n".join([*say_people(booking), "", entry.description])
    return _event(booking, now, replace(entry, description=description))


def _event(booking: Booking, now: datetime, entry: Entry) -> "icalendar.Event":
    """Write a VEVENT (section 3.6.1). DTSTAMP is the time of writing (section 3.8.7.2)."""
    event = icalendar.Event()
    event.add("uid", booking.uid)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", _moment(now))
    event.add("created", _moment(booking.created_at))
    event.add("dtstart", _moment(booking.start))
    event.add("dtend", _moment(booking.end))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", entry.description)
    event.add("url", entry.link)
    event.add("status", "CANCELLED" if booking.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if reason := say_cancel_reason(booking):
        event.add("comment", one_line(reason))
    return event


def _add_people(event: "icalendar.Event", booking: Booking) -> None:
    """Add ORGANIZER and ATTENDEE (sections 3.8.4.3 and 3.8.4.1). The organizer takes part too, as CHAIR.

    Cohosts offered their time, so they are ACCEPTED. An invitee whose data was deleted is left out.
    """
    organizer, *cohosts = booking.people
    event.add("organizer", _person(organizer.name, organizer.mailbox), encode=False)
    chair = _person(organizer.name, organizer.mailbox, ROLE="CHAIR", PARTSTAT="ACCEPTED")
    event.add("attendee", chair, encode=False)
    for cohost in cohosts:
        attendee = _person(cohost.name, cohost.mailbox, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED")
        event.add("attendee", attendee, encode=False)
    if booking.forgotten_at:
        return
    participant = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "TRUE"}
    event.add("attendee", _person(booking.invitee_name, booking.invitee_email, **participant), encode=False)


def _person(name: str, email: str, **parameters: str) -> "icalendar.vCalAddress":
    """Write a calendar user address (section 3.3.3): a mailto URI, with the name as CN."""
    person = icalendar.vCalAddress(_mailto(email))
    # Parameters cannot contain double quotes (section 3.1), and few readers support the escaping of RFC 6868.
    if cleaned := one_line(name.replace('"', "").replace("^", "")):
        person.params["CN"] = cleaned
    for parameter, value in parameters.items():
        person.params[parameter] = value
    return person


def _mailto(email: str) -> str:
    """Percent-encode characters that an address can contain but a URI cannot (RFC 6068, section 2)."""
    local, _, domain = email.rpartition("@")
    return f"mailto:{quote(local, safe="!$'*+-/=_.~")}@{punycode(domain)}"


def _moment(moment: datetime) -> datetime:
    """Convert to UTC, for DATE-TIME in form 2 (section 3.3.5)."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _feed_event(entry: CalendarEntry) -> Iterator[bytes]:
    """Yield the lines of an event. Published events have no ORGANIZER or ATTENDEE (RFC 5546, section 3.2.1).

    Uses the library for escaping and folding only: its components take four times as long, which matters for people
    with thousands of meetings.
    """
    yield b"BEGIN:VEVENT\r\n"
    yield _text("SUMMARY", entry.summary)
    yield _line("DTSTART", _utc(entry.period.start))
    yield _line("DTEND", _utc(entry.period.end))
    yield _line("DTSTAMP", _utc(entry.changed_at))
    yield _text("UID", entry.uid)
    yield _line("SEQUENCE", str(entry.sequence))
    yield _line("CREATED", _utc(entry.created_at))
    if entry.description:
        yield _text("DESCRIPTION", entry.description)
    yield _line("LAST-MODIFIED", _utc(entry.changed_at))
    if entry.location:
        yield _text("LOCATION", entry.location)
    yield _line("STATUS", "TENTATIVE" if entry.is_tentative else "CONFIRMED")
    yield _line("TRANSP", "OPAQUE")
    if entry.link:
        yield _line("URL", entry.link)
    # Outlook reads TRANSP before STATUS ([MS-OXCICAL], 2.1.3.1.1.20.23) and would show a held time as busy.
    yield _line("X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE" if entry.is_tentative else "BUSY")
    yield b"END:VEVENT\r\n"


def _text(name: str, words: str) -> bytes:
    """Write a property of type TEXT (section 3.3.11)."""
    escaped: bytes = icalendar.vText(words).to_ical()
    return _line(name, escaped.decode())


def _line(name: str, value: str) -> bytes:
    """Fold a line at 75 bytes (section 3.1)."""
    line = f"{name}:{value}"
    if len(line) < 75 and line.isascii():
        return f"{line}\r\n".encode()
    folded: bytes = icalendar.parser.Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return folded + b"\r\n"


def _utc(moment: datetime) -> str:
    """Format as DATE-TIME in form 2 (section 3.3.5)."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _universal_time() -> "icalendar.Timezone":
    """Return an invisible component for a calendar without entries, which needs at least one (section 3.6)."""
    standard = icalendar.TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 (local time, as section 3.6.5 has it)
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone = icalendar.Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone
