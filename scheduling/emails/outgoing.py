"""An email about a booking, as it is queued."""

from typing import TYPE_CHECKING

from caledee.email.allowance import Place
from caledee.email.models import EmailRole
from caledee.email.outbox import Outgoing
from scheduling.emails.kinds import BookingEmail
from scheduling.emails.sides import Sides

if TYPE_CHECKING:
    from procrastinate.types import JSONDict


def about_booking(
    sides: Sides, kind: BookingEmail, what: str, *details: object, place: Place, job: "JSONDict | None" = None
) -> Outgoing:
    """Describe the email with the Message-ID of `what` and `details`. `job` adds to what its task receives.

    `place` applies to the invitee only: emails to the organizer side aren't counted.
    """
    booking = sides.booking
    cohost = {"cohost_id": str(sides.cohost.pk)} if sides.cohost else {}
    return Outgoing(
        subject=booking.pk,
        name=booking.name,
        organizer=booking.organizer,
        kind=kind,
        role=EmailRole(sides.recipient),
        person=sides.person,
        place=place if sides.to_invitee else None,
        address=sides.reader.email,
        message_id=sides.message_id(what, *details),
        job={
            "booking_id": str(booking.pk),
            "sequence": booking.sequence,
            "recipient": sides.recipient.value,
            **cohost,
            **(job or {}),
        },
    )
