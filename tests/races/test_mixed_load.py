"""Everything at once, on several people: then the books are audited."""

from collections import Counter
from collections.abc import Callable
from random import Random
from uuid import UUID

import pytest
from django.db.models import Model, QuerySet

from caledee.accounts.models import User
from oneoff.creator import TimesTaken, delete_one_off, withdraw_time
from oneoff.models import ProposedTime, SingleUseLink
from oneoff.offer import OneOffOffer
from scheduling.booking import book, cancel
from scheduling.models import Booking, Canceller
from scheduling.offers import EventTypeOffer, OfferClosed, SlotTaken
from tests.oneoff.making import make_one_off, on_tuesday
from tests.races.audit import assert_books_balance
from tests.races.racing import race
from tests.races.test_one_link import somebody
from tests.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8
STEPS = 25  # of each writer


class Writer:
    """Does one random thing after another, and counts what it was told."""

    def __init__(self, number: int, seed: int, organizers: list[UUID]) -> None:
        self.number = number
        self.random = Random(seed * 100 + number)
        self.organizers = organizers
        self.told: Counter[str] = Counter()

    def work(self) -> Counter[str]:
        things = [self.create] * 7 + [self.book_link] * 5 + [self.book_event_type] * 4
        things += [self.withdraw] * 3 + [self.delete] * 3 + [self.cancel] * 3
        self.random.shuffle(things)
        for thing in things:
            self.attempt(thing)
        return self.told

    def attempt(self, thing: Callable[[], str]) -> None:
        try:
            self.told[thing()] += 1
        except (SlotTaken, OfferClosed, TimesTaken) as answer:
            self.told[type(answer).__name__] += 1

    def create(self) -> str:
        clocks = {self.clock() for _ in range(self.random.randint(1, 3))}
        make_one_off(self.organizer(), *clocks, hold_times=self.random.random() < 0.7)
        return "created"

    def book_link(self) -> str:
        link = self.any_of(SingleUseLink.objects.select_related("one_off__organizer"))
        time = link and self.any_of(link.one_off.proposed_times.all())
        slot = time and OneOffOffer(link).slot(str(time.pk))
        if not slot:
            return "nothing there"
        book(OneOffOffer(link), slot, somebody(self.number), now=NOW)
        return "booked by link"

    def book_event_type(self) -> str:
        offer = EventTypeOffer(self.organizer().event_types.select_related("organizer").get(slug="intro"))
        book(offer, offer.slot(on_tuesday(self.clock()).isoformat()), somebody(self.number), now=NOW)
        return "booked by event type"

    def withdraw(self) -> str:
        time = self.any_of(ProposedTime.objects.select_related("one_off"))
        if not time:
            return "nothing there"
        withdraw_time(time, now=NOW)
        return "withdrawn"

    def delete(self) -> str:
        link = self.any_of(SingleUseLink.objects.select_related("one_off"))
        if not link:
            return "nothing there"
        delete_one_off(link.one_off, now=NOW)
        return "deleted"

    def cancel(self) -> str:
        booking = self.any_of(Booking.objects.confirmed())
        if not booking:
            return "nothing there"
        cancel(booking, by=Canceller.ORGANIZER, now=NOW)
        return "cancelled"

    def organizer(self) -> User:
        return User.objects.get(pk=self.random.choice(self.organizers))

    def clock(self) -> str:
        """Any quarter of an hour at which all the organizers work."""
        return f"{self.random.randint(14, 16)}:{self.random.choice(['00', '15', '30'])}"

    def any_of[M: Model](self, found: QuerySet[M]) -> M | None:
        rows = list(found)
        return self.random.choice(rows) if rows else None


@pytest.mark.parametrize("seed", range(3))
def test_the_books_balance_after_everything_at_once(ada, grace, seed):
    organizers = [ada.pk, grace.pk]
    writers = [Writer(number, seed, organizers) for number in range(WRITERS)]

    outcome = race([writer.work for writer in writers])

    told = sum(outcome.won, Counter())
    assert told.total() == WRITERS * STEPS
    # A load in which nobody met anybody would prove nothing.
    assert {"created", "booked by link", "booked by event type", "cancelled"} <= told.keys()
    assert {"SlotTaken", "LinkClosed", "TimesTaken"} <= told.keys()
    assert Booking.objects.filter(event_type=None).count() <= told["booked by link"]
    assert Booking.objects.exclude(event_type=None).count() <= told["booked by event type"]
    assert_books_balance()
