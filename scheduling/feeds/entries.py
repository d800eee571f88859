"""The meetings in a person's calendar feed, and when they last changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.urls import reverse

from caledee.accounts.models import User
from caledee.email.text import clean_lines, one_line
from scheduling.availability.ledger import last_expiry
from scheduling.feeds.ical import CalendarEntry
from scheduling.feeds.links import describe
from scheduling.models import Booking

DAYS_SHOWN = timedelta(days=90)


def booked_entries(person: User, *, now: datetime) -> list[CalendarEntry]:
    """Return confirmed meetings of `person` that are upcoming or ended less than DAYS_SHOWN ago, in order of start.

    Excludes cancelled ones: calendars remove what is no longer in the feed. Always three queries.
    """
    bookings = Booking.objects.taking_part(person).confirmed().filter(end__gt=now - DAYS_SHOWN)
    found = bookings.select_related("organizer").prefetch_related("cohosts").order_by("start", "pk")
    return [_entry_of(booking) for booking in found]


def last_change(person: User, *, now: datetime) -> Iterator[datetime]:
    """Yield when a meeting last changed, when one last became too old, and when a hold last expired.

    Ignores what has not happened by `now`. Three queries.
    """
    bookings = Booking.objects.taking_part(person).aggregate(
        changed=Max("updated_at"), gone=Max("end", filter=Q(end__lte=now - DAYS_SHOWN))
    )
    gone = bookings["gone"] and bookings["gone"] + DAYS_SHOWN
    moments = (bookings["changed"], gone, last_expiry(person, now=now))
    return (moment for moment in moments if moment is not None)


def _entry_of(booking: Booking) -> CalendarEntry:
    """Return an entry with the UID, SEQUENCE and title of the emailed invitations.

    It is the same meeting, and a UID is globally unique (RFC 7986, section 5.3). Calendars keep subscriptions apart
    from invitations, so neither overwrites the other, and those that show both can recognize the duplicate.
    """
    link = f"{settings.BASE_URL}{reverse('scheduling:meetings')}"
    words = describe(booking, link)
    return CalendarEntry(
        uid=booking.uid,
        period=booking.period,
        summary=words.summary,
        created_at=booking.created_at,
        changed_at=booking.updated_at,
        sequence=booking.sequence,
        location=words.location,
        description="\n".join([*_who(booking), "", words.description]),
        link=link,
    )


def _who(booking: Booking) -> list[str]:
    if booking.forgotten_at:
        return [f"The invitee's data was deleted {booking.days_remembered} days after the meeting."]
    return [f"{one_line(booking.invitee_name)}, {booking.invitee_email}", *clean_lines(booking.notes)]
