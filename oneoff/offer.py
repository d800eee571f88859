import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_names
from oneoff import holds, links
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from oneoff.proposals.propose import settle_rest
from scheduling.availability.taken import Taken, conflicts_with
from scheduling.bookings.choices import PageQuery, Slot, Times
from scheduling.bookings.offers import Invitee
from scheduling.models import ZERO, Booking


@dataclass(slots=True)
class OneOffOffer:
    """A one-off meeting as an offer. The value of a slot is the ID of its proposed time."""

    is_public: ClassVar[bool] = False
    is_by_day: ClassVar[bool] = False
    link: SingleUseLink
    before_buffer: timedelta = field(default=ZERO, init=False)
    after_buffer: timedelta = field(default=ZERO, init=False)

    @property
    def key(self) -> uuid.UUID:
        return self.one_off.pk

    @property
    def one_off(self) -> OneOffMeeting:
        return self.link.one_off

    @property
    def organizer(self) -> User:
        return self.one_off.organizer

    @property
    def owner(self) -> User:
        return self.organizer

    @property
    def with_whom(self) -> str:
        return say_names(person.name for person in self.people)

    @property
    def zone(self) -> ZoneInfo:
        return self.organizer.zone

    @property
    def people(self) -> list[User]:
        return self.one_off.people

    @property
    def name(self) -> str:
        return self.one_off.name

    @property
    def description(self) -> str:
        return self.one_off.description

    @property
    def duration(self) -> timedelta:
        return self.one_off.duration

    @property
    def location_kind(self) -> str:
        return self.one_off.location_kind

    @property
    def location(self) -> str:
        return self.one_off.location

    @property
    def room_kind(self) -> str:
        return self.one_off.room_kind

    def slot(self, value: str) -> Slot | None:
        if not self.could_be_slot(value):
            return None
        time = self.one_off.proposed_times.filter(pk=uuid.UUID(value)).first()
        return slot_for(time) if time else None

    def could_be_slot(self, value: str) -> bool:
        try:
            uuid.UUID(value)
        except ValueError:
            return False
        return True

    def is_alive(self, *, now: datetime) -> bool:
        """Return whether the link is open and has a time in the future, free or not."""
        return self.link.is_open(now) and any(time.start > now for time in self.one_off.proposed_times.all())

    def times(self, query: PageQuery, *, now: datetime) -> Times:  # noqa: ARG002
        return Times(self.open_slots(now=now))

    def open_slots(self, *, now: datetime) -> list[Slot]:
        """Return the proposed times that are in the future and free, in order."""
        if not self.link.is_open(now):
            return []
        return [slot_for(time) for time in free_times(self.one_off, now=now, except_claim=self.one_off.pk)]

    def lock(self) -> None:
        link = links.lock_again(self.link)
        if link is None or link.closed_at is not None:
            raise links.LinkClosed
        self.link = link

    def is_open(self, slot: Slot, *, now: datetime) -> bool:
        if not self.is_alive(now=now):
            raise links.LinkClosed
        return slot in self.open_slots(now=now)

    def do_without(self, unchecked: Collection[User], slot: Slot) -> bool:  # noqa: ARG002
        """Return whether the organizer offers the time whatever connected calendars say."""
        return self.one_off.proposed_times.filter(pk=slot.value, offered_anyway=True).exists()

    def check_invitee(self, invitee: Invitee, *, now: datetime) -> None:
        """Accept anyone: a link can only be booked once."""

    def bookings(self) -> QuerySet[Booking]:
        return Booking.objects.filter(single_use_link=self.link)

    def takers(self, slot: Slot, *, now: datetime) -> list[User]:  # noqa: ARG002
        return self.people

    def attach(self, booking: Booking, *, now: datetime) -> None:
        links.close(self.link, booking, now=now)
        holds.release(self.one_off)
        settle_rest(self.one_off, booking.invitee_email, now=now)


@dataclass(slots=True)
class MoveOffer(OneOffOffer):
    """The other times of a booked one-off meeting, which its booking can be moved to.

    Booking closed the link and released these times. Only those that are still free are offered, even if the link
    would have expired.
    """

    moved: Booking

    def open_slots(self, *, now: datetime) -> list[Slot]:
        times = free_times(self.one_off, now=now, except_claim=self.moved.pk)
        return [slot_for(time) for time in times if time.period != self.moved.period]

    def lock(self) -> None:
        link = links.lock_again(self.link)
        if link is None or link.booking != self.moved:
            raise links.LinkClosed
        self.link, self.moved = link, link.booking

    def is_open(self, slot: Slot, *, now: datetime) -> bool:
        return slot in self.open_slots(now=now)


@dataclass(slots=True)
class OwnOffer(OneOffOffer):
    """The times that the organizer side can still book while the link is open. `valid_until` only limits invitees."""

    def open_slots(self, *, now: datetime) -> list[Slot]:
        if self.link.closed_at is not None:
            return []
        return [slot_for(time) for time in free_times(self.one_off, now=now, except_claim=self.one_off.pk)]

    def is_open(self, slot: Slot, *, now: datetime) -> bool:
        return slot in self.open_slots(now=now)


def free_times(one_off: OneOffMeeting, *, now: datetime, except_claim: uuid.UUID) -> list[ProposedTime]:
    """Return the future proposed times that nothing takes from any participant except one claim, in order."""
    ahead = [time for time in one_off.proposed_times.all() if time.start > now]
    taken = conflicts_with(one_off.people, [time.period for time in ahead], now=now, except_claim=except_claim)
    return [time for time in ahead if not any(takes(each, time) for each in taken.get(time.period, ()))]


def takes(taken: Taken, time: ProposedTime) -> bool:
    """Return whether what overlaps a proposed time hides it from the invitee."""
    return taken.is_ours or not time.offered_anyway


def slot_for(time: ProposedTime) -> Slot:
    return Slot(str(time.pk), time.period)
