"""Find the offer at an address, or the offer that a booking can be moved within."""

from django.db.models import QuerySet

from scheduling.bookings.offers import EventTypeOffer, OfferClosed
from scheduling.bookings.team_offers import offer_to_move, team_event_types, team_offer
from scheduling.models import Booking, EventType

SCHEDULE = "organizer__schedule"


def find_offer(handle: str, slug: str) -> EventTypeOffer | None:
    """Return the event type that can be booked at this address of a person's or an organization's page."""
    own = _with_schedules().filter(organizer__handle=handle, slug=slug).first()
    if own is not None and own.has_room():
        return EventTypeOffer(own)
    of_team = team_event_types().filter(organization__handle=handle, slug=slug).first()
    try:
        return team_offer(of_team) if of_team else None
    except OfferClosed:
        return None


def find_offer_to_move(booking: Booking) -> EventTypeOffer | None:
    """Return where a booking of an event type can be moved, or None if the event type is inactive or deleted."""
    own = _with_schedules().filter(bookings=booking).first()
    bookable = own if own is not None and own.has_room() else None
    event_type = bookable or team_event_types().filter(bookings=booking).first()
    try:
        return offer_to_move(booking, event_type) if event_type else None
    except OfferClosed:
        return None


def _with_schedules() -> QuerySet[EventType]:
    """Return people's active event types with their whole schedules: finding slots then only queries busy times.

    Only the event type that is found is checked against the limit of its owner's plan.
    """
    return (
        EventType.objects.active()
        .select_related(SCHEDULE)
        .prefetch_related(f"{SCHEDULE}__weekly_hours", f"{SCHEDULE}__date_overrides")
        .filter(organizer__is_active=True)
    )
