"""No-shows. The organizer side marks them once the meeting has started; nobody is notified."""

from datetime import datetime

from django.db import transaction

from caledee.accounts.models import User
from scheduling.bookings.events import NoShowMarked, NoShowUnmarked
from scheduling.events import record
from scheduling.models import Booking


class BookingNotBegun(Exception):
    """The meeting hasn't started, or is cancelled."""


def note_no_show(booking: Booking, *, missed: bool, by: User, now: datetime) -> None:
    """Mark the invitee as a no-show, or remove the mark. Doing it twice changes nothing.

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
        record(NoShowMarked(booking, by) if missed else NoShowUnmarked(booking, by), now=now)
