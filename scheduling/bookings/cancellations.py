"""Wording of cancellation reasons."""

from scheduling.models import Booking


def say_cancel_reason(booking: Booking) -> str:
    """Return the reason that was entered, or that the organizer closed their account."""
    if booking.ended_with_account:
        return f"{booking.organizer.name} closed their account."
    return booking.cancel_reason
