"""What the mails about a booking say, to the invitee, to the organizer and to each cohost."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial, wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from caledee.accounts.models import User
from caledee.locations import LocationKind
from caledee.mail import Letter, Row, name_message
from caledee.periods import Period
from caledee.plain_text import clean_lines, one_line
from caledee.reader import chosen_clock, written_for
from scheduling.calendar_links import booking_link, google_link, outlook_link
from scheduling.cancellations import say_cancel_reason
from scheduling.ical import write_cancellation, write_invitation
from scheduling.models import Booking, Canceller
from scheduling.wording import clocks_differ, say_day, say_duration, say_location, say_names, say_start, say_time_span

# What mails tell, in their Message-IDs.
CONFIRMED, CANCELLED, REMINDER = "confirmed", "cancelled", "reminder"

WHY = {
    "invitee": "You get this mail because this address was given when the meeting was booked.",
    "organizer": "You get this mail because you are the organizer of this meeting.",
    "cohost": "You get this mail because you take part in this meeting.",
}

PLACE_OF_INVITEE = "The place you entered when booking"

REMINDERS_ARE_SET_HERE = "Which reminders you get is in your settings."


class Recipient(StrEnum):
    """The two sides, the values being those of `models.Canceller` too; and who else is there on the organizer's."""

    INVITEE = "invitee"
    ORGANIZER = "organizer"
    COHOST = "cohost"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Sides:
    """A booking as one of those who take part sees it. `cohost` says which of them, where it is one.

    For the invitee `booking` is a copy without anything that was typed with it: the address was typed, too, and may be
    that of somebody who never heard of the meeting. Nobody shall be able to send their own words to it.
    """

    booking: Booking
    recipient: Recipient
    cohost: User | None = None

    def __post_init__(self) -> None:
        if self.to_invitee:
            object.__setattr__(self, "booking", _without_typed_words(self.booking))

    @property
    def to_invitee(self) -> bool:
        return self.recipient is Recipient.INVITEE

    @property
    def person(self) -> User | None:
        """Who of ours reads it."""
        return None if self.to_invitee else self.cohost or self.booking.organizer

    @property
    def reader(self) -> Person:
        return _person(self.person) if self.person else self._invitee

    @property
    def other(self) -> Person:
        """Whom to answer."""
        return _person(self.booking.organizer) if self.to_invitee else self._invitee

    @property
    def hosts(self) -> str:
        """Everybody of ours who is there, by name: `you` first, where one of them reads it."""
        names = [person.name for person in self.booking.people if person != self.person]
        return say_names(names if self.to_invitee else ["you", *names])

    @property
    def link(self) -> str:
        """The invitee's own page; not for us, who would cancel there in the invitee's name."""
        if self.to_invitee:
            return booking_link(self.booking)
        return f"{settings.BASE_URL}{reverse('scheduling:meeting', args=[self.booking.pk])}"

    def message_id(self, what: str, *details: object) -> str:
        """The name of the mail that tells this reader `what` of the booking as it is now."""
        who = [self.recipient, self.cohost.pk] if self.cohost else [self.recipient]
        return name_message(self.booking.uid, self.booking.sequence, what, *details, *who)

    @property
    def _invitee(self) -> Person:
        booking = self.booking
        return Person(one_line(booking.invitee_name), booking.invitee_email, booking.invitee_zone)


def all_sides(booking: Booking) -> list[Sides]:
    """Of everybody who takes part: the invitee, the organizer, each cohost."""
    _, *cohosts = booking.people
    return [
        Sides(booking, Recipient.INVITEE),
        Sides(booking, Recipient.ORGANIZER),
        *(Sides(booking, Recipient.COHOST, cohost) for cohost in cohosts),
    ]


def _without_typed_words(booking: Booking) -> Booking:
    """A copy, never to be saved."""
    shown = copy(booking)
    shown.invitee_name = shown.notes = ""
    if booking.location_kind == LocationKind.ASK_INVITEE:
        shown.location = PLACE_OF_INVITEE
    if booking.cancelled_by == Canceller.INVITEE:
        shown.cancel_reason = ""
    return shown


def on_the_readers_clock(write: Callable[..., Letter]) -> Callable[..., Letter]:
    @wraps(write)
    def wrapper(sides: Sides, *args: Any, **facts: Any) -> Letter:
        with written_for(sides.person, partial(chosen_clock, sides.booking.invitee_clock)):
            return write(sides, *args, **facts)

    return wrapper


@on_the_readers_clock
def write_confirmation(
    sides: Sides, *, now: datetime, accepted_by: User | None = None, moved_from: Period | None = None
) -> Letter:
    """Tell that the meeting is booked or moved.

    `accepted_by` accepted a time that the invitee suggested; `moved_from` is the time before the move, if it is known.
    """
    booking = sides.booking
    changed = booking.sequence > 0
    # Exchange titles the appointment after the email: a new one has the meeting's name and time alone as its subject.
    title = f"{one_line(booking.name)}: {say_start(booking.start, sides.reader.zone)}"
    return Letter(
        to=sides.reader.email,
        subject=f"New time: {title}" if changed else title,
        state="New time" if changed else "Confirmed",
        heading=one_line(booking.name),
        opening=_say_accepted(sides, accepted_by) if accepted_by else _say_confirmed(sides, changed=changed),
        rows=[*_times(sides, moved_from), _place(booking), *_words(sides)],
        action="See, change or cancel it" if sides.to_invitee else "See the meeting",
        link=sides.link,
        calendar_links=[("Google", google_link(booking)), ("Outlook", outlook_link(booking))]
        if sides.to_invitee
        else [],
        why=WHY[sides.recipient],
        # All of us get a request as the invitee does: of what calendars take from mail, it is the only kind that
        # later changes and a cancellation find again. The organizer need not answer it.
        invite=write_invitation(booking, now=now, link=sides.link),
        message_id=sides.message_id(CONFIRMED),
        useful_until=booking.end,
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


@on_the_readers_clock
def write_notice_of_cancellation(sides: Sides, *, now: datetime, cancelled_by: User | None = None) -> Letter:
    """That the meeting is off, by whom and why. The invitee is told that the organizer did it, whoever of ours
    `cancelled_by` is."""
    booking = sides.booking
    return Letter(
        to=sides.reader.email,
        subject=f"Cancelled: {one_line(booking.name)}, {say_start(booking.start, sides.reader.zone)}",
        state="Cancelled",
        heading=one_line(booking.name),
        opening=_say_cancelled(sides, cancelled_by or booking.organizer),
        rows=[*_reason(booking), *_times(sides), _place(booking)],
        action="See the cancelled meeting" if sides.to_invitee else "See the meeting",
        link=sides.link,
        why=WHY[sides.recipient],
        invite=write_cancellation(booking, now=now, link=sides.link),
        message_id=sides.message_id(CANCELLED),
        useful_until=booking.end,
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


@on_the_readers_clock
def write_reminder(sides: Sides, lead: int) -> Letter:
    """That the meeting is near. It says when, not how near that is: nobody knows when a mail is read."""
    booking = sides.booking
    return Letter(
        to=sides.reader.email,
        subject=f"Reminder: {one_line(booking.name)}, {say_start(booking.start, sides.reader.zone)}",
        state="Reminder",
        heading=one_line(booking.name),
        opening=f"A reminder of your meeting with {_company(sides)}.",
        rows=[*_times(sides), _place(booking), *_words(sides)],
        action="See, change or cancel it" if sides.to_invitee else "See the meeting",
        link=sides.link,
        why=WHY[sides.recipient] if sides.to_invitee else f"{WHY[sides.recipient]} {REMINDERS_ARE_SET_HERE}",
        message_id=sides.message_id(REMINDER, lead),
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


def _company(sides: Sides) -> str:
    """Whom the reader meets, by name."""
    ours = [person.name for person in sides.booking.people if person != sides.person]
    return say_names(ours if sides.to_invitee else [sides.other.name, *ours])


def _person(user: User) -> Person:
    return Person(one_line(user.name), user.mailbox, user.zone)


def _say_confirmed(sides: Sides, *, changed: bool) -> str:
    if changed:
        return f"Your meeting with {sides.hosts if sides.to_invitee else sides.other.name} has a new time."
    if sides.to_invitee:
        return f"Your meeting with {sides.hosts} is confirmed."
    return f"{sides.other.name} has booked a meeting with {sides.hosts}."


def _say_accepted(sides: Sides, of_ours: User) -> str:
    """The invitee is told that the organizer accepted, whoever of ours it was."""
    if sides.to_invitee:
        return (
            f"{sides.other.name} has accepted a time that you asked for. Your meeting with {sides.hosts} is confirmed."
        )
    who = "You have" if of_ours == sides.person else f"{one_line(of_ours.name)} has"
    return f"{who} accepted a time that {sides.other.name} asked for."


def _say_cancelled(sides: Sides, of_ours: User) -> str:
    by_invitee = sides.booking.cancelled_by == Canceller.INVITEE
    if sides.to_invitee:
        if by_invitee:
            return f"You have cancelled this meeting with {sides.hosts}."
        return f"{sides.other.name} has cancelled this meeting with you."
    if by_invitee:
        return f"{sides.other.name} has cancelled this meeting with {sides.hosts}."
    who = "You have" if of_ours == sides.person else f"{one_line(of_ours.name)} has"
    return f"{who} cancelled this meeting with {sides.other.name}."


def _sender_name(sides: Sides) -> str:
    """The organizer's, so that the invitee knows who writes. A stranger's name is not lent to what we send."""
    return sides.other.name if sides.to_invitee else ""


def _times(sides: Sides, moved_from: Period | None = None) -> list[Row]:
    """In the reader's zone, then in the other side's if its clocks differ; then the time before a move."""
    booking, reader, other = sides.booking, sides.reader, sides.other
    rows = [Row("When", [*_time_lines(booking.period, reader.zone), say_duration(booking.duration)])]
    if clocks_differ(booking.period, reader.zone, other.zone):
        rows.append(Row(f"The same time for {other.name}", _time_lines(booking.period, other.zone)))
    if moved_from:
        rows.append(Row("Moved from", _time_lines(moved_from, reader.zone)))
    return rows


def _time_lines(period: Period, zone: ZoneInfo) -> list[str]:
    return [say_day(period.start.astimezone(zone).date()), say_time_span(period, zone)]


def _place(booking: Booking) -> Row:
    call_link = one_line(booking.location) if booking.location_kind == LocationKind.VIDEO else ""
    return Row("Where", [say_location(booking.location_kind, booking.location, booking.organizer.name)], call_link)


def _words(sides: Sides) -> list[Row]:
    """What people wrote, and for us who it was; for all who else is there, where it is not one to one. An invitee gets
    the organizer's words alone."""
    booking, other = sides.booking, sides.other
    names = [one_line(person.name) for person in booking.people if person != sides.person]
    company = names if len(booking.people) > 1 else []
    who = company if sides.to_invitee else [other.name, other.email]
    rows = [
        Row("Who", who),
        Row("Also there", [] if sides.to_invitee else company),
        Row("About", clean_lines(booking.description), quoted=True),
        Row("Their notes", clean_lines(booking.notes), quoted=True),
    ]
    return [row for row in rows if row.lines]


def _reason(booking: Booking) -> list[Row]:
    reason = clean_lines(say_cancel_reason(booking))
    return [Row("Reason", reason, quoted=True)] if reason else []
