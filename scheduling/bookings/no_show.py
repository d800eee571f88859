"""Whether the invitee came. Noted by the organizer's side once the meeting has begun; nobody is told."""

from datetime import datetime

from django.db import transaction

from caledee.accounts.models import User
from scheduling.bookings.activity import note_activity
from scheduling.models import ActivityKind, Booking


class BookingNotBegun(Exception):
    """The meeting lies ahead, or is cancelled: nobody can have been missed."""


def note_no_show(booking: Booking, *, missed: bool, by: User, now: datetime) -> None:
    """Note that the invitee was missed, or take that back. Noting what is noted changes nothing.

    Locks the booking. Raises BookingNotBegun.
    """
    with transaction.atomic():
        booking = (
            Booking.objects.select_for_update(no_key=True, of=["self"]).select_related("organizer").get(pk=booking.pk)
        )
        if not booking.can_be_no_show(now):
            raise BookingNotBegun
        if missed == (booking.no_show_at is not None):
            return
        booking.no_show_at = now if missed else None
        booking.save(update_fields=["no_show_at"])
        note_activity(
            ActivityKind.NO_SHOW if missed else ActivityKind.SHOWED_UP,
            subject=booking.pk,
            name=booking.name,
            organizer=booking.organizer,
            by=by,
            at=now,
        )
