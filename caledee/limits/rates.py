"""Limits for strangers, and how much they allow.

Everything is counted by the client's network, which can be a whole office: the numbers allow for an office on a busy
morning. Limits of a page count by page and network. None counts by the page alone: otherwise a flood could close a
link for the person it was made for. The exception is a secret link whose attempts send emails: only people with the
secret can use up its count.

An organizer's public pages accept few bookings from one network for mailboxes that are new to the organizer, which
keeps a stranger from filling them. Invitees who have met the organizer before are not counted.

`caledee.limits.mailboxes` counts emails to one mailbox, from any network.

A valid link always works, even after many wrong ones from the same network. This does not help anyone guess: a token
has 142 bits. The limit on wrong links only makes a flood of them cheap to refuse.
"""

from datetime import timedelta

from django.http import HttpRequest

from caledee.limits.clients import client_network, client_site
from caledee.limits.counting import Counted, Limit

TEN_MINUTES = timedelta(minutes=10)
HALF_AN_HOUR = timedelta(minutes=30)
ONE_HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)

WRONG_LINKS = Limit("wrong_links", 120, timedelta(minutes=5))
BOOKINGS = Limit("bookings", 600, TEN_MINUTES)
BOOKINGS_ON_A_PAGE = Limit("bookings_on_a_page", 200, TEN_MINUTES)
NEWCOMERS = Limit("newcomers", 20, HALF_AN_HOUR)
NEWCOMERS_A_DAY = Limit("newcomers_a_day", 60, ONE_DAY)
PROPOSALS = Limit("proposals", 60, TEN_MINUTES)
PROPOSALS_ON_A_PAGE = Limit("proposals_on_a_page", 15, TEN_MINUTES)
CHANGES = Limit("changes", 200, TEN_MINUTES)
CHANGES_OF_A_BOOKING = Limit("changes_of_a_booking", 20, ONE_HOUR)
SIGN_UPS = Limit("sign_ups", 60, TEN_MINUTES)
CODES = Limit("codes", 60, TEN_MINUTES)
CODES_IN_A_KNOWN_BROWSER = Limit("codes_in_a_known_browser", 5, ONE_HOUR)


def wrong_link(request: HttpRequest) -> list[Counted]:
    return [Counted(WRONG_LINKS, (client_network(request),))]


def booking_on(request: HttpRequest, page: object) -> list[Counted]:
    """Return the limits of booking. `page` is the id of the page's event type or meeting."""
    return _on_a_page(request, BOOKINGS, BOOKINGS_ON_A_PAGE, page)


def newcomer_on(request: HttpRequest, owner: object) -> list[Counted]:
    """Return the limits of new mailboxes. `owner` is the id of the pages' owner: all their pages count together."""
    whose = (client_site(request), str(owner))
    return [Counted(NEWCOMERS, whose), Counted(NEWCOMERS_A_DAY, whose)]


def proposal_for(request: HttpRequest, page: object) -> list[Counted]:
    return _on_a_page(request, PROPOSALS, PROPOSALS_ON_A_PAGE, page)


def change_of(request: HttpRequest, booking: object) -> list[Counted]:
    """Return the limits of changing a booking. Each change emails every participant."""
    return [Counted(CHANGES, (client_network(request),)), Counted(CHANGES_OF_A_BOOKING, (str(booking),))]


def sign_up(request: HttpRequest) -> list[Counted]:
    return [Counted(SIGN_UPS, (client_network(request),)), *code_request(request)]


def code_request(request: HttpRequest) -> list[Counted]:
    """Return the limits of requesting a code. The mailbox is counted when the code is sent."""
    return [Counted(CODES, (client_network(request),))]


def _on_a_page(request: HttpRequest, anywhere: Limit, there: Limit, page: object) -> list[Counted]:
    network = client_network(request)
    return [Counted(anywhere, (network,)), Counted(there, (network, str(page)))]
