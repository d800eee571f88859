"""A person's meetings as entries of their calendar feed, and when these last changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.urls import reverse

from caledee.accounts.models import User
from caledee.email.text import clean_lines, one_line
from scheduling.availability.ledger import last_expiry
from scheduling.calendars.ical import CalendarEntry
from scheduling.calendars.links import describe
from scheduling.models import Booking

DAYS_SHOWN = timedelta(days=90)


def booked_entries(person: User, *, now: datetime) -> list[CalendarEntry]:
    """Each confirmed meeting of `person` that ended less than DAYS_SHOWN ago or lies ahead, in order of start.

    Cancelled ones are left out: a calendar drops what its feed holds no more. Three queries, whatever their number.
    """
    bookings = Booking.objects.taking_part(person).confirmed().filter(end__gt=now - DAYS_SHOWN)
    found = bookings.select_related("organizer").prefetch_related("cohosts").order_by("start", "pk")
    return [_entry_of(booking) for booking in found]


def last_change(person: User, *, now: datetime) -> Iterator[datetime]:
    """When a meeting was last made, moved or cancelled; when one last grew too old; when a hold last lapsed.

    Of each only what has happened at all by `now`. Three queries.
    """
    bookings = Booking.objects.taking_part(person).aggregate(
        changed=Max("updated_at"), gone=Max("end", filter=Q(end__lte=now - DAYS_SHOWN))
    )
    gone = bookings["gone"] and bookings["gone"] + DAYS_SHOWN
    moments = (bookings["changed"], gone, last_expiry(person, now=now))
    return (moment for moment in moments if moment is not None)


def _entry_of(booking: Booking) -> CalendarEntry:
    """With the UID, the SEQUENCE and the title of the invitations that were mailed.

    It is the same meeting, and a UID names it everywhere (RFC 7986, section 5.3). Calendars keep what they subscribe
    to apart from what was invited to, so neither overwrites the other, and those that show both can tell they are one.
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
        return [f"The invitee's data were deleted {booking.days_remembered} days after the meeting."]
    return [f"{one_line(booking.invitee_name)}, {booking.invitee_email}", *clean_lines(booking.notes)]
