"""What is mailed to whom, and when."""

from scheduling.models import Booking


def announce_booking(booking: Booking) -> None:
    """Queue the confirmations to invitee and organizer."""


def announce_cancellation(booking: Booking) -> None:
    """Queue the cancellations to invitee and organizer."""
