"""The event types for teams as something the booking page can book, and which offer a booking can be moved within."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability.hosts import hosts_of, members_among, say_hosts
from scheduling.availability.round_robin import next_host
from scheduling.availability.slots import bookable_until, schedule_zone, slots_of_each
from scheduling.bookings.offers import SHORTEST_WINDOW, EventTypeOffer, OfferClosed, Slot, SlotTaken
from scheduling.models import Booking, EventType, EventTypeKind, EventTypeQuerySet


def team_event_types() -> EventTypeQuerySet:
    """Those that are on, with their organizations. They can be booked as long as any host is left."""
    return EventType.objects.active().of_organizations().select_related("organization")


@dataclass(slots=True)
class CollectiveOffer(EventTypeOffer):
    """All hosts take part: a slot is where all are free. The first is the organizer, the others are cohosts.

    A booking that is `moved` keeps the people who take part in it, whoever are the hosts by now.
    """

    hosts: list[User] = field(default_factory=list)

    @property
    def organizer(self) -> User | None:
        return None

    @property
    def with_whom(self) -> str:
        return say_hosts(self.event_type, self.hosts)

    @property
    def people(self) -> list[User]:
        return self.hosts

    @property
    def day_zone(self) -> ZoneInfo:
        """The first host's, whoever takes part in the one that is moved: days are the same for all its meetings."""
        hosts = hosts_of(self.event_type) if self.moved else self.hosts
        return schedule_zone((hosts or self.hosts)[0])

    def lock(self) -> None:
        """Raises SlotTaken, too: where the hosts are others meanwhile, whose time is not locked."""
        self.event_type = _lock(self.event_type)
        hosts = _participants(self.event_type, self.moved) if self.moved else hosts_of(self.event_type)
        if not hosts:
            raise OfferClosed
        locked, self.hosts = self.hosts, hosts
        if not set(hosts) <= set(locked):
            raise SlotTaken


@dataclass(slots=True)
class RoundRobinOffer(EventTypeOffer):
    """One host takes it: a slot is where any of them is free, and whose turn it is takes part alone."""

    hosts: list[User] = field(default_factory=list)

    @property
    def organizer(self) -> User | None:
        return None

    @property
    def with_whom(self) -> str:
        return say_hosts(self.event_type, self.hosts)

    @property
    def zone(self) -> ZoneInfo:
        return self.hosts[0].zone

    @property
    def people(self) -> list[User]:
        return self.hosts

    def starts(self, window: Period, *, now: datetime) -> list[datetime]:
        each = slots_of_each(self.event_type, self.hosts, window, now=now)
        return sorted({start for starts in each for start in starts})

    def bookable_until(self, *, now: datetime) -> datetime:
        return max(bookable_until(self.event_type, schedule_zone(host), now=now) for host in self.hosts)

    def lock(self) -> None:
        """Who became a host meanwhile is not locked, and waits for the next booking."""
        self.event_type = _lock(self.event_type)
        locked = set(self.hosts)
        self.hosts = [host for host in hosts_of(self.event_type) if host in locked]
        if not self.hosts:
            raise OfferClosed

    def takers(self, slot: Slot, *, now: datetime) -> list[User]:
        """The one whose turn it is, of those who are free then."""
        window = Period.lasting(slot.period.start, SHORTEST_WINDOW)
        each = slots_of_each(self.event_type, self.hosts, window, now=now)
        free = [host for host, starts in zip(self.hosts, each, strict=True) if starts]
        return [next_host(free, self.event_type, slot.period, now=now)]


def team_offer(event_type: EventType) -> EventTypeOffer:
    """A team's event type to be booked. Raises OfferClosed where no host is left."""
    hosts = hosts_of(event_type)
    if not hosts:
        raise OfferClosed
    kind = CollectiveOffer if event_type.kind == EventTypeKind.COLLECTIVE else RoundRobinOffer
    return kind(event_type, hosts=hosts)


def offer_to_move(booking: Booking, event_type: EventType) -> EventTypeOffer:
    """The slots that a booking of this event type can be moved to: those where all who take part in it are free.

    So a round-robin meeting stays with its host. Raises OfferClosed where one of them has left the organization.
    """
    if event_type.is_for_a_team:
        return CollectiveOffer(event_type, moved=booking, hosts=_participants(event_type, booking))
    return EventTypeOffer(event_type, moved=booking)


def _lock(event_type: EventType) -> EventType:
    rows = team_event_types().filter(pk=event_type.pk).select_for_update(no_key=True, of=["self"])
    fresh = rows.first()
    if fresh is None:
        raise OfferClosed
    return fresh


def _participants(event_type: EventType, booking: Booking) -> list[User]:
    people = booking.people
    present = members_among(event_type, people)
    if len(present) < len(people):
        raise OfferClosed
    return present
