"""What the mails about a booking say, to the invitee, to the organizer and to each cohost."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.email.messages import Email, Row
from caledee.email.text import clean_lines, one_line
from caledee.locations import LocationKind
from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import chosen_clock, written_for
from caledee.timekeeping.wording import (
    clocks_differ,
    say_day,
    say_duration,
    say_location,
    say_names,
    say_start,
    say_time_span,
)
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.calendars.ical import write_cancellation, write_invitation
from scheduling.calendars.links import google_link, outlook_link
from scheduling.emails.sides import Sides
from scheduling.models import Booking, Canceller

# What mails tell, in their Message-IDs.
CONFIRMED, CANCELLED, REMINDER = "confirmed", "cancelled", "reminder"

WHY = {
    "invitee": "You're receiving this email because this address was given when the meeting was booked.",
    "organizer": "You're receiving this email because you are the organizer of this meeting.",
    "cohost": "You're receiving this email because you take part in this meeting.",
}

REMINDERS_ARE_SET_HERE = "Which reminders you get is in your settings."


def on_the_readers_clock(write: Callable[..., Email]) -> Callable[..., Email]:
    @wraps(write)
    def wrapper(sides: Sides, *args: Any, **facts: Any) -> Email:
        with written_for(sides.person, partial(chosen_clock, sides.booking.invitee_clock)):
            return write(sides, *args, **facts)

    return wrapper


@on_the_readers_clock
def write_confirmation(
    sides: Sides, *, now: datetime, accepted_by: User | None = None, moved_from: Period | None = None
) -> Email:
    """Tell that the meeting is booked or moved.

    `accepted_by` accepted a time that the invitee suggested; `moved_from` is the time before the move, if it is known.
    """
    booking = sides.booking
    changed = booking.sequence > 0
    # Exchange titles the appointment after the email: a new one has the meeting's name and time alone as its subject.
    title = f"{one_line(booking.name)}: {say_start(booking.start, sides.reader.zone)}"
    return Email(
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
def write_notice_of_cancellation(sides: Sides, *, now: datetime, cancelled_by: User | None = None) -> Email:
    """That the meeting is off, by whom and why. The invitee is told that the organizer did it, whoever of ours
    `cancelled_by` is."""
    booking = sides.booking
    return Email(
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
def write_reminder(sides: Sides, lead: int) -> Email:
    """That the meeting is near. It says when, not how near that is: nobody knows when a mail is read."""
    booking = sides.booking
    return Email(
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
