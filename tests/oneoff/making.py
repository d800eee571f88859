"""One-off meetings for the tests, on 1 December 2026 unless said otherwise."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from oneoff.creator.create import Details, create_one_off
from oneoff.models import OneOffMeeting, ProposedTime
from oneoff.offer import OneOffOffer
from scheduling.bookings.book import UNKNOWN_SENDER, Sender, book
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.models import Booking, BusyTime
from tests.support.times import NOW, at

DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/Paris")
# By whom a form that is sent again is known.
DANAS_FORM = Sender(nonce="d" * 24)
EDSGER = Invitee(name="Edsger Dijkstra", email="edsger@example.com", time_zone="Europe/Amsterdam")


def on_tuesday(clock: str) -> datetime:
    """The moment at which clocks in London show `clock` on 1 December 2026."""
    return at(f"2026-12-01 {clock}")


def half_hour(clock: str) -> Period:
    return Period.lasting(on_tuesday(clock), timedelta(minutes=30))


def make_one_off(
    organizer: User,
    *clocks: str,
    cohosts: Collection[User] = (),
    created_by: User | None = None,
    now: datetime = NOW,
    **details: object,
) -> OneOffMeeting:
    """Of 30 minutes, at these times of the day, held unless `hold_times` says otherwise."""
    described = {
        "name": "Interview",
        "duration": timedelta(minutes=30),
        "location_kind": "video",
        "location": "https://meet.example.com/interview",
    }
    starts = [on_tuesday(clock) for clock in clocks]
    return create_one_off(
        Details(**described | details),
        starts,
        organizer=organizer,
        cohosts=cohosts,
        created_by=created_by or organizer,
        now=now,
    )


def time_of(one_off: OneOffMeeting, clock: str) -> ProposedTime:
    return one_off.proposed_times.get(start=on_tuesday(clock))


def offer_of(one_off: OneOffMeeting) -> OneOffOffer:
    return OneOffOffer(OneOffMeeting.objects.get(pk=one_off.pk).link)


def book_one_off(
    one_off: OneOffMeeting,
    clock: str,
    invitee: Invitee = DANA,
    *,
    sender: Sender = UNKNOWN_SENDER,
    now: datetime = NOW,
) -> Booking:
    offer = offer_of(one_off)
    return book(offer, offer.slot(str(time_of(one_off, clock).pk)), invitee, sender=sender, now=now)


def book_event_type(organizer: User, clock: str, invitee: Invitee = EDSGER, *, now: datetime = NOW) -> Booking:
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return book(offer, offer.slot(on_tuesday(clock).isoformat()), invitee, now=now)


def offered(one_off: OneOffMeeting, *, now: datetime = NOW) -> list[Period]:
    return [slot.period for slot in offer_of(one_off).open_slots(now=now)]


def ledger() -> list[tuple[str, UUID, str, Period]]:
    """All rows of busy time, in order: whose, of which claim and kind, and when."""
    rows = BusyTime.objects.select_related("organizer").order_by("start", "end", "organizer__handle")
    return [(row.organizer.handle, row.claim, row.kind, row.period) for row in rows]
