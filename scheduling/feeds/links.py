"""A booking as a calendar entry, and the links that add it to Google's and Microsoft's calendars."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from django.conf import settings

from caledee.email.text import clean_lines, one_line
from caledee.locations import LocationKind
from caledee.timekeeping.wording import say_names
from scheduling.models import Booking
from scheduling.rooms import say_booked_place

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/action/compose"


@dataclass(frozen=True, slots=True)
class Entry:
    """The text of a calendar entry, without control characters. The description has several lines."""

    summary: str
    location: str
    description: str
    link: str


def google_link(booking: Booking) -> str:
    """Return a link to Google Calendar's prefilled form for a new event."""
    entry = describe(booking)
    return _address(
        GOOGLE,
        action="TEMPLATE",
        text=entry.summary,
        dates=f"{_utc(booking.start):%Y%m%dT%H%M%SZ}/{_utc(booking.end):%Y%m%dT%H%M%SZ}",
        details=entry.description,
        location=entry.location,
    )


def outlook_link(booking: Booking) -> str:
    """Return a link to Outlook.com's prefilled form for a new event."""
    entry = describe(booking)
    return _address(
        OUTLOOK,
        path="/calendar/action/compose",
        rru="addevent",
        subject=entry.summary,
        startdt=f"{_utc(booking.start):%Y-%m-%dT%H:%M:%SZ}",
        enddt=f"{_utc(booking.end):%Y-%m-%dT%H:%M:%SZ}",
        body=entry.description,
        location=entry.location,
    )


def booking_link(booking: Booking) -> str:
    """Return the full URL of the invitee's page."""
    return f"{settings.BASE_URL}{booking.get_absolute_url()}"


def describe(booking: Booking, link: str = "") -> Entry:
    """Return an entry for any participant, with all names in its title. `link` defaults to the invitee's page."""
    names = [*(person.name for person in booking.people), booking.invitee_name]
    people = say_names(name for name in names if name)
    link = link or booking_link(booking)
    about = clean_lines(booking.description)
    return Entry(
        summary=f"{one_line(booking.name)}: {people}",
        location=_place(booking),
        description="\n".join([*about, *([""] if about else []), "View, change or cancel this meeting:", link]),
        link=link,
    )


def say_people(booking: Booking) -> list[str]:
    """Return a line with name and email for each participant. An invitee whose data was deleted is left out."""
    people = [(person.name, person.mailbox) for person in booking.people]
    if not booking.forgotten_at:
        people.append((booking.invitee_name, booking.invitee_email))
    return [f"{one_line(name)}, {mailbox}" for name, mailbox in people]


def _place(booking: Booking) -> str:
    """Return the location. The link of a video call stands alone, which makes calendars show it as a button."""
    if booking.location_kind == LocationKind.VIDEO and booking.location:
        return one_line(booking.location)
    return say_booked_place(booking)


def _address(base: str, **fields: str) -> str:
    # Outlook shows a + literally, so spaces must be %20.
    return f"{base}?{urlencode(fields, quote_via=quote)}"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
