"""Why a meeting was cancelled, in words."""

from scheduling.models import Booking


def say_cancel_reason(booking: Booking) -> str:
    """What the person who cancelled wrote; or that the organizer closed the account, which writes nothing."""
    if booking.ended_with_account:
        return f"{booking.organizer.name} closed the account that this meeting was arranged with."
    return booking.cancel_reason
