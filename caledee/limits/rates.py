"""What is limited for strangers, and how much is allowed.

Everything is counted by the client's network, in which a whole office may sit: so the numbers are what an office does
on a busy morning, not what a person does. What one network may do on one page is counted by page and network
together. Nothing is counted by the page alone: somebody who floods a link would close it for the person it was made
for. What has a secret address is counted by that address alone where each try sends mails: only who was given the
secret can use the count up.

An organizer's public pages take few bookings from one network for mailboxes that are new to the organizer, so that
nobody fills them. Invitees who have met the organizer before are not counted, however many of them sit in one office.

How many emails strangers can cause to one mailbox is counted by `caledee.limits.mailboxes`, wherever they come from.

Whoever holds a right link is let in however many wrong ones were tried from their network. That helps nobody to guess:
a token has 142 bits, and no limit makes these fewer or more. What the limit on wrong links does is to keep a flood of
them cheap.
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


def wrong_link(request: HttpRequest) -> list[Counted]:
    return [Counted(WRONG_LINKS, (client_network(request),))]


def booking_on(request: HttpRequest, page: object) -> list[Counted]:
    """`page`: what is booked, by its id."""
    return _on_a_page(request, BOOKINGS, BOOKINGS_ON_A_PAGE, page)


def newcomer_on(request: HttpRequest, owner: object) -> list[Counted]:
    """`owner`: whose public pages they are, by id. All of them take the same person's time, so they count together."""
    whose = (client_site(request), str(owner))
    return [Counted(NEWCOMERS, whose), Counted(NEWCOMERS_A_DAY, whose)]


def proposal_for(request: HttpRequest, page: object) -> list[Counted]:
    return _on_a_page(request, PROPOSALS, PROPOSALS_ON_A_PAGE, page)


def change_of(request: HttpRequest, booking: object) -> list[Counted]:
    """Each change is mailed to all who take part."""
    return [Counted(CHANGES, (client_network(request),)), Counted(CHANGES_OF_A_BOOKING, (str(booking),))]


def sign_up(request: HttpRequest) -> list[Counted]:
    return [Counted(SIGN_UPS, (client_network(request),)), *asked_code(request)]


def asked_code(request: HttpRequest) -> list[Counted]:
    """By network only: the mailbox is counted where the code is sent."""
    return [Counted(CODES, (client_network(request),))]


def _on_a_page(request: HttpRequest, anywhere: Limit, there: Limit, page: object) -> list[Counted]:
    network = client_network(request)
    return [Counted(anywhere, (network,)), Counted(there, (network, str(page)))]
