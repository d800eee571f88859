"""Event types of organizations, for the tests."""

from datetime import timedelta

from caledee.accounts.models import Organization, User
from caledee.timekeeping.periods import Period
from scheduling.bookings.book import UNKNOWN_SENDER, Sender, book
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.bookings.team_offers import team_offer
from scheduling.event_types import create_event_type
from scheduling.models import Booking, EventType, EventTypeKind
from tests.oneoff.making import EDSGER, on_tuesday
from tests.support.times import NOW


def make_team_event_type(
    organization: Organization, kind: EventTypeKind, *hosts: User, slug: str = "team", **fields: object
) -> EventType:
    settings = {"name": "Team call", "duration": timedelta(minutes=30), "location": "https://meet.example.com/team"}
    event_type = EventType(kind=kind, organization=organization, slug=slug, **settings | fields)
    # Each a moment after the one before: that is their order in lists.
    return create_event_type(event_type, hosts=hosts, now=NOW + timedelta(seconds=EventType.objects.count()))


def make_collective(organization: Organization, *hosts: User, **fields: object) -> EventType:
    return make_team_event_type(organization, EventTypeKind.COLLECTIVE, *hosts, **fields)


def make_round_robin(organization: Organization, *hosts: User, **fields: object) -> EventType:
    return make_team_event_type(organization, EventTypeKind.ROUND_ROBIN, *hosts, **fields)


def offer_of(event_type: EventType) -> EventTypeOffer:
    """As a page finds it: read again."""
    return team_offer(EventType.objects.select_related("organization").get(pk=event_type.pk))


def book_team(
    event_type: EventType, clock: str, invitee: Invitee = EDSGER, *, sender: Sender = UNKNOWN_SENDER, now=NOW
) -> Booking:
    """On 1 December 2026, when clocks in London show `clock`."""
    offer = offer_of(event_type)
    return book(offer, offer.slot(on_tuesday(clock).isoformat()), invitee, sender=sender, now=now)


def clocks_on_tuesday(offer: EventTypeOffer, *, now=NOW) -> list[str]:
    """The starts on 1 December 2026, as clocks in London show them."""
    slots = offer.open_slots(Period.lasting(on_tuesday("00:00"), timedelta(days=1)), now=now)
    return [f"{slot.period.start:%H:%M}" for slot in slots]
