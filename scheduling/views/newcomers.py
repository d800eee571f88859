"""The limit on what one network does on an organizer's public pages for mailboxes that are new to the organizer."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.rates import newcomer_on
from scheduling.availability.limits import is_regular
from scheduling.bookings.offers import Offer


class TooManyNewcomers(LimitReached):
    """This network has done as much here as it may for mailboxes that the organizer has never met."""


def count_newcomer(request: HttpRequest, offer: Offer, email: str, *, now: datetime) -> None:
    """Count a booking or a move for this address, unless the organizer knows it. Raises TooManyNewcomers.

    To be called in the transaction of the booking, which takes the count back where it comes to nothing. A one-off's
    link is for one booking: nothing is counted there. Neither is what hosts do on their own pages.
    """
    if not settings.RATE_LIMITS or offer.event_type is None or request.user in offer.people:
        return
    if is_regular(offer.people, email, now=now):
        return
    if wait := seconds_to_wait(*newcomer_on(request, offer.owner.pk), now=now):
        raise TooManyNewcomers(wait)
