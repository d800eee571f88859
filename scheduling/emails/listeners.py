"""Who gets an email when something happens to a booking: everyone who takes part."""

from caledee.email.allowance import Place
from caledee.email.outbox import queue_emails
from scheduling.bookings.events import Booked, Cancelled, Moved
from scheduling.emails.kinds import BookingEmail
from scheduling.emails.messages import CANCELLED, CONFIRMED
from scheduling.emails.outgoing import about_booking
from scheduling.emails.sides import all_sides
from scheduling.events import Entry
from scheduling.tasks import send_cancellation, send_confirmation


def queue_confirmations(event: Booked | Moved, entry: Entry) -> None:
    """Raise MailboxFull if the invitee did it and has been sent as many emails as the limit allows."""
    kind = BookingEmail.MOVED if isinstance(event, Moved) else BookingEmail.CONFIRMED
    place = Place.GRANTED if event.by else Place.NEEDED
    emails = [about_booking(sides, kind, CONFIRMED, place=place) for sides in all_sides(event.booking)]
    queue_emails(send_confirmation, emails, now=entry.at)


def queue_cancellations(event: Cancelled, entry: Entry) -> None:
    """An invitee can cancel even if their mailbox is full: the email to them is skipped then."""
    place = Place.GRANTED if event.by else Place.WANTED
    emails = [
        about_booking(sides, BookingEmail.CANCELLED, CANCELLED, place=place) for sides in all_sides(event.booking)
    ]
    queue_emails(send_cancellation, emails, now=entry.at)
