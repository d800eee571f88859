"""What the mails about a booking say, to the invitee and to the organizer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings

from caledee.locations import LocationKind
from caledee.mail import Letter, Row, name_message
from caledee.plain_text import clean_lines, one_line
from scheduling.calendar_links import booking_link, google_link, outlook_link
from scheduling.ical import write_cancellation, write_invitation
from scheduling.models import Booking
from scheduling.wording import clocks_differ, say_day, say_duration, say_location, say_start, say_time_span

WHY = {
    "invitee": "You get this mail because this address was given when the meeting was booked.",
    "organizer": "You get this mail because you are the organizer of this meeting.",
}


class Recipient(StrEnum):
    """One of the two sides; the values are those of `models.Canceller`, too."""

    INVITEE = "invitee"
    ORGANIZER = "organizer"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Sides:
    """A booking as one of its sides sees it."""

    booking: Booking
    recipient: Recipient

    @property
    def to_invitee(self) -> bool:
        return self.recipient is Recipient.INVITEE

    @property
    def reader(self) -> Person:
        return self._invitee if self.to_invitee else self._organizer

    @property
    def other(self) -> Person:
        return self._organizer if self.to_invitee else self._invitee

    @property
    def link(self) -> str:
        """The invitee's own page; not for the organizer, who would cancel there in the invitee's name."""
        return booking_link(self.booking) if self.to_invitee else f"{settings.BASE_URL}/meetings/"

    @property
    def _invitee(self) -> Person:
        booking = self.booking
        return Person(one_line(booking.invitee_name), booking.invitee_email, booking.invitee_zone)

    @property
    def _organizer(self) -> Person:
        organizer = self.booking.organizer
        return Person(one_line(organizer.name), organizer.email, organizer.zone)


def write_confirmation(booking: Booking, recipient: Recipient, *, now: datetime) -> Letter:
    """That the meeting is on: booked, or changed since."""
    sides = Sides(booking, recipient)
    changed = booking.sequence > 0
    return Letter(
        to=sides.reader.email,
        # Exchange titles the appointment after the mail: the subject is the meeting's name and time, and no news.
        subject=f"{one_line(booking.name)}: {say_start(booking.start, sides.reader.zone)}",
        state="New time" if changed else "Confirmed",
        heading=one_line(booking.name),
        opening=_say_confirmed(sides, changed=changed),
        rows=[*_times(sides), _place(booking), *_words(sides)],
        action="See, change or cancel it" if sides.to_invitee else "All your meetings",
        link=sides.link,
        calendar_links=[("Google", google_link(booking)), ("Outlook", outlook_link(booking))]
        if sides.to_invitee
        else [],
        why=WHY[recipient],
        # The organizer gets a request as the invitee does: of what calendars take from mail, it is the only kind that
        # later changes and a cancellation find again. They need not answer it, being its organizer.
        invite=write_invitation(booking, now=now, link=sides.link),
        message_id=name_message(booking.uid, booking.sequence, "confirmed", recipient),
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


def write_notice_of_cancellation(booking: Booking, recipient: Recipient, *, now: datetime) -> Letter:
    """That the meeting is off, by whom and why."""
    sides = Sides(booking, recipient)
    return Letter(
        to=sides.reader.email,
        subject=f"Cancelled: {one_line(booking.name)}, {say_start(booking.start, sides.reader.zone)}",
        state="Cancelled",
        heading=one_line(booking.name),
        opening=_say_cancelled(sides),
        rows=[*_reason(booking), *_times(sides), _place(booking)],
        action="See the cancelled meeting" if sides.to_invitee else "All your meetings",
        link=sides.link,
        why=WHY[recipient],
        invite=write_cancellation(booking, now=now, link=sides.link),
        message_id=name_message(booking.uid, booking.sequence, "cancelled", recipient),
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


def _say_confirmed(sides: Sides, *, changed: bool) -> str:
    if changed:
        return f"Your meeting with {sides.other.name} has a new time."
    if sides.to_invitee:
        return f"Your meeting with {sides.other.name} is confirmed."
    return f"{sides.other.name} has booked a meeting with you."


def _say_cancelled(sides: Sides) -> str:
    if sides.booking.cancelled_by == sides.recipient.value:
        return f"You have cancelled this meeting with {sides.other.name}."
    return f"{sides.other.name} has cancelled this meeting with you."


def _sender_name(sides: Sides) -> str:
    """The organizer's, so that the invitee knows who writes. A stranger's name is not lent to what we send."""
    return sides.other.name if sides.to_invitee else ""


def _times(sides: Sides) -> list[Row]:
    """In the reader's zone, then in the other's where its clocks show another time."""
    booking, reader, other = sides.booking, sides.reader, sides.other
    rows = [Row("When", [*_time_lines(booking, reader.zone), say_duration(booking.duration)])]
    if clocks_differ(booking.period, reader.zone, other.zone):
        rows.append(Row(f"The same time for {other.name}", _time_lines(booking, other.zone)))
    return rows


def _time_lines(booking: Booking, zone: ZoneInfo) -> list[str]:
    return [say_day(booking.start.astimezone(zone).date()), say_time_span(booking.period, zone)]


def _place(booking: Booking) -> Row:
    call_link = one_line(booking.location) if booking.location_kind == LocationKind.VIDEO else ""
    return Row("Where", [say_location(booking.location_kind, booking.location, booking.organizer.name)], call_link)


def _words(sides: Sides) -> list[Row]:
    """What people wrote, and for the organizer who it was."""
    booking, other = sides.booking, sides.other
    who = [] if sides.to_invitee else [other.name, other.email]
    rows = [
        Row("Who", who),
        Row("About", clean_lines(booking.description), quoted=True),
        Row("Your notes" if sides.to_invitee else "Their notes", clean_lines(booking.notes), quoted=True),
    ]
    return [row for row in rows if row.lines]


def _reason(booking: Booking) -> list[Row]:
    reason = clean_lines(booking.cancel_reason)
    return [Row("Reason", reason, quoted=True)] if reason else []
