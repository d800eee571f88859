"""Offers of team event types, and the offer within which a booking can be moved."""

from collections.abc import Collection
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
    """Return active event types of organizations. They can be booked while they have any host."""
    return EventType.objects.active().of_organizations().select_related("organization")


@dataclass(slots=True)
class CollectiveOffer(EventTypeOffer):
    """All hosts take part, so a slot is when all are free. The first host is the organizer, the others are cohosts.

    A booking being `moved` keeps its participants, even if the hosts have changed.
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
        """Return the first host's zone, for moved bookings too: days are the same for all meetings."""
        hosts = hosts_of(self.event_type) if self.moved else self.hosts
        return schedule_zone((hosts or self.hosts)[0])

    def lock(self) -> None:
        """Lock the event type. Also raises SlotTaken if the hosts have changed: new ones are not locked."""
        self.event_type = _lock(self.event_type)
        hosts = _participants(self.event_type, self.moved) if self.moved else hosts_of(self.event_type)
        if not hosts:
            raise OfferClosed
        locked, self.hosts = self.hosts, hosts
        if not set(hosts) <= set(locked):
            raise SlotTaken


@dataclass(slots=True)
class RoundRobinOffer(EventTypeOffer):
    """One host takes part, so a slot is when any host is free. The one whose turn it is takes the meeting."""

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

    def do_without(self, unchecked: Collection[User], slot: Slot) -> bool:  # noqa: ARG002
        """Have one of the other hosts take the meeting."""
        self.hosts = [host for host in self.hosts if host not in unchecked]
        return bool(self.hosts)

    def bookable_until(self, *, now: datetime) -> datetime:
        return max(bookable_until(self.event_type, schedule_zone(host), now=now) for host in self.hosts)

    def lock(self) -> None:
        """Ignore hosts added in the meantime: they are not locked and can take the next booking."""
        self.event_type = _lock(self.event_type)
        locked = set(self.hosts)
        self.hosts = [host for host in hosts_of(self.event_type) if host in locked]
        if not self.hosts:
            raise OfferClosed

    def takers(self, slot: Slot, *, now: datetime) -> list[User]:
        """Return the free host whose turn it is."""
        window = Period.lasting(slot.period.start, SHORTEST_WINDOW)
        each = slots_of_each(self.event_type, self.hosts, window, now=now)
        free = [host for host, starts in zip(self.hosts, each, strict=True) if starts]
        return [next_host(free, self.event_type, slot.period, now=now)]


def team_offer(event_type: EventType) -> EventTypeOffer:
    """Return the offer of a team event type. Raises OfferClosed if it has no hosts left."""
    hosts = hosts_of(event_type)
    if not hosts:
        raise OfferClosed
    kind = CollectiveOffer if event_type.kind == EventTypeKind.COLLECTIVE else RoundRobinOffer
    return kind(event_type, hosts=hosts)


def offer_to_move(booking: Booking, event_type: EventType) -> EventTypeOffer:
    """Return the slots that a booking can be moved to: when all its participants are free.

    A round-robin meeting keeps its host. Raises OfferClosed if a participant has left the organization.
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
