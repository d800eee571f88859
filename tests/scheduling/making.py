"""Bookings for the tests."""

from datetime import datetime

from caledee.accounts.models import User
from scheduling.bookings.book import book
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.models import Booking
from tests.support.times import NOW, at

EDSGER = Invitee(name="Edsger Dijkstra", email="edsger@example.com", time_zone="Europe/Amsterdam")


def book_intro(organizer: User, start: str, invitee: Invitee = EDSGER, *, now: datetime = NOW) -> Booking:
    """Half an hour of `organizer`, from when clocks in London show `start`, such as `2026-12-01 09:00`."""
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return book(offer, offer.slot(at(start).isoformat()), invitee, now=now)
