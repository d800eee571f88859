"""Emails about a booking, for the invitee, the organizer and each cohost."""

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
    say_names,
    say_start,
    say_time_span,
)
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.emails.sides import Sides
from scheduling.feeds.ical import write_cancellation, write_invitation
from scheduling.feeds.links import google_link, outlook_link
from scheduling.models import Booking, Canceller
from scheduling.rooms import say_booked_place

# Kinds of email in Message-IDs.
CONFIRMED, CANCELLED, REMINDER = "confirmed", "cancelled", "reminder"

WHY = {
    "invitee": "You're receiving this email because this address was entered when the meeting was booked.",
    "organizer": "You're receiving this email because you are the organizer of this meeting.",
    "cohost": "You're receiving this email because you take part in this meeting.",
}

REMINDERS_ARE_SET_HERE = "You can choose your reminders in your settings."


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
    """Write that the meeting is booked or moved.

    `accepted_by` accepted a time that the invitee suggested. `moved_from` is the time before the move, if known.
    """
    booking = sides.booking
    changed = booking.sequence > 0
    # Exchange uses the subject as the appointment's title, so a new booking's subject is only its name and time.
    title = f"{one_line(booking.name)}: {say_start(booking.start, sides.reader.zone)}"
    return Email(
        to=sides.reader.email,
        subject=f"New time: {title}" if changed else title,
        state="New time" if changed else "Confirmed",
        heading=one_line(booking.name),
        opening=_say_accepted(sides, accepted_by) if accepted_by else _say_confirmed(sides, changed=changed),
        rows=[*_times(sides, moved_from), _place(booking), *_words(sides)],
        action="See, change or cancel it" if sides.to_invitee else "Open the meeting",
        link=sides.link,
        calendar_links=[("Google", google_link(booking)), ("Outlook", outlook_link(booking))]
        if sides.to_invitee
        else [],
        why=WHY[sides.recipient],
        # The organizer side gets a request too: calendars match updates and cancellations only to a request. The
        # organizer doesn't have to answer it.
        invite=write_invitation(booking, now=now, link=sides.link),
        message_id=sides.message_id(CONFIRMED),
        useful_until=booking.end,
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


@on_the_readers_clock
def write_notice_of_cancellation(sides: Sides, *, now: datetime, cancelled_by: User | None = None) -> Email:
    """Write who cancelled the meeting and why. For the invitee, that is the organizer, even if `cancelled_by` is
    another member.
    """
    booking = sides.booking
    return Email(
        to=sides.reader.email,
        subject=f"Cancelled: {one_line(booking.name)}, {say_start(booking.start, sides.reader.zone)}",
        state="Cancelled",
        heading=one_line(booking.name),
        opening=_say_cancelled(sides, cancelled_by or booking.organizer),
        rows=[*_reason(booking), *_times(sides), _place(booking)],
        action="Open the cancelled meeting" if sides.to_invitee else "Open the meeting",
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
    """Remind of the meeting. Says when it begins, not how soon: the email may be read later."""
    booking = sides.booking
    return Email(
        to=sides.reader.email,
        subject=f"Reminder: {one_line(booking.name)}, {say_start(booking.start, sides.reader.zone)}",
        state="Reminder",
        heading=one_line(booking.name),
        opening=f"This is a reminder of your meeting with {_company(sides)}.",
        rows=[*_times(sides), _place(booking), *_words(sides)],
        action="See, change or cancel it" if sides.to_invitee else "Open the meeting",
        link=sides.link,
        why=WHY[sides.recipient] if sides.to_invitee else f"{WHY[sides.recipient]} {REMINDERS_ARE_SET_HERE}",
        message_id=sides.message_id(REMINDER, lead),
        sender_name=_sender_name(sides),
        reply_to=(sides.other.name, sides.other.email),
    )


def _company(sides: Sides) -> str:
    """Return the names of the other participants."""
    ours = [person.name for person in sides.booking.people if person != sides.person]
    return say_names(ours if sides.to_invitee else [sides.other.name, *ours])


def _say_confirmed(sides: Sides, *, changed: bool) -> str:
    if changed:
        return f"Your meeting with {sides.hosts if sides.to_invitee else sides.other.name} has a new time."
    if sides.to_invitee:
        return f"Your meeting with {sides.hosts} is confirmed."
    return f"{sides.other.name} has booked a meeting with {sides.hosts}."


def _say_accepted(sides: Sides, member: User) -> str:
    """Write who accepted. For the invitee, that is the organizer, even if another member did it."""
    if sides.to_invitee:
        return (
            f"{sides.other.name} has accepted a time that you suggested. Your meeting with {sides.hosts} is confirmed."
        )
    who = "You have" if member == sides.person else f"{one_line(member.name)} has"
    return f"{who} accepted a time that {sides.other.name} suggested."


def _say_cancelled(sides: Sides, member: User) -> str:
    by_invitee = sides.booking.cancelled_by == Canceller.INVITEE
    if sides.to_invitee:
        if by_invitee:
            return f"You have cancelled this meeting with {sides.hosts}."
        return f"{sides.other.name} has cancelled this meeting with you."
    if by_invitee:
        return f"{sides.other.name} has cancelled this meeting with {sides.hosts}."
    who = "You have" if member == sides.person else f"{one_line(member.name)} has"
    return f"{who} cancelled this meeting with {sides.other.name}."


def _sender_name(sides: Sides) -> str:
    """Return the organizer's name for the invitee. Caledee never sends in the name of an invitee."""
    return sides.other.name if sides.to_invitee else ""


def _times(sides: Sides, moved_from: Period | None = None) -> list[Row]:
    """Return the time for the reader, for the other side if its clocks differ, and before a move."""
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
    return Row("Where", [say_booked_place(booking)], call_link)


def _words(sides: Sides) -> list[Row]:
    """Return what people wrote and who takes part. The invitee sees only the organizer's text, and hosts only if there
    are several.
    """
    booking, other = sides.booking, sides.other
    names = [one_line(person.name) for person in booking.people if person != sides.person]
    company = names if len(booking.people) > 1 else []
    who = company if sides.to_invitee else [other.name, other.email]
    rows = [
        Row("Who", who),
        Row("Other hosts", [] if sides.to_invitee else company),
        Row("About", clean_lines(booking.description), quoted=True),
        Row("Their notes", clean_lines(booking.notes), quoted=True),
    ]
    return [row for row in rows if row.lines]


def _reason(booking: Booking) -> list[Row]:
    reason = clean_lines(say_cancel_reason(booking))
    return [Row("Reason", reason, quoted=True)] if reason else []
