"""Offers: what the booking page can book, such as an event type. Other apps have offers of their own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from caledee.accounts.models import Organization, User
from caledee.timekeeping.periods import Period
from scheduling.availability.limits import InviteeLimitReached, check_invitee_limit, without_full_days
from scheduling.availability.slots import bookable_until, schedule_zone, slots_of
from scheduling.bookings.choices import PageQuery, Slot, Times, times_of_one_day
from scheduling.models import Booking, EventType
from scheduling.rules import Meeting

__all__ = [
    "EventTypeOffer",
    "Invitee",
    "InviteeLimitReached",
    "Offer",
    "OfferClosed",
    "Slot",
    "SlotTaken",
    "format_start",
    "parse_start",
]

SHORTEST_WINDOW = timedelta(microseconds=1)
# Far from the ends of the calendar, so that a duration can be added and a zone applied to any start that is parsed.
EARLIEST_START = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_START = datetime(9000, 1, 1, tzinfo=UTC)


class OfferClosed(Exception):
    """No time of this offer can be booked any more."""


class SlotTaken(Exception):
    """This slot can't be booked, because it was taken or never offered. Others may be free."""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who books. `location` is only set if the invitee chooses it.

    `clock` is the clock that the invitee reads, or empty if unknown.
    """

    name: str
    email: str
    time_zone: str
    location: str = ""
    notes: str = ""
    clock: str = ""


class Offer(Meeting, Protocol):
    """What `scheduling.bookings.book.book` and the booking page need to know of what is booked."""

    @property
    def key(self) -> UUID:
        """The ID of what is booked, such as the event type."""

    @property
    def organizer(self) -> User | None:
        """The organizer of the meeting, if that is known before the booking."""

    @property
    def owner(self) -> User | Organization:
        """The person or organization whose page it is on."""

    @property
    def with_whom(self) -> str:
        """Whom the invitee meets, in words that follow "with"."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone to show if the viewer didn't choose one."""

    @property
    def people(self) -> list[User]:
        """Everyone whose time a booking can take, including the organizer."""

    @property
    def before_buffer(self) -> timedelta: ...
    @property
    def after_buffer(self) -> timedelta: ...

    @property
    def is_public(self) -> bool:
        """Whether anyone can find its page. Otherwise the address of its page is a secret."""

    @property
    def is_by_day(self) -> bool:
        """Whether its page shows the times of one day, chosen from a month. Otherwise it shows all times at once."""

    def is_alive(self, *, now: datetime) -> bool:
        """Return whether the page should still be shown, even if no time is free at the moment."""

    def times(self, query: PageQuery, *, now: datetime) -> Times:
        """Return the free times that the page shows for this query."""

    def slot(self, value: str) -> Slot | None:
        """Return the slot for a form's value, free or not, or None if the value isn't one of this offer's."""

    def could_be_slot(self, value: str) -> bool:
        """Return whether a value has the format of a slot, which may have been offered before."""

    def lock(self) -> None:
        """Lock and reload what this offer is based on. Its people are already locked. Raises OfferClosed."""

    def is_open(self, slot: Slot, *, now: datetime) -> bool:
        """Return whether the slot can be booked now (barring a race)."""

    def do_without(self, unchecked: Collection[User], slot: Slot) -> bool:
        """Return whether the slot can be booked although connected calendars of these people can't be checked.

        If it can be booked without these people, it leaves them out.
        """

    def check_invitee(self, invitee: Invitee, *, now: datetime) -> None:
        """Raise InviteeLimitReached if the invitee can't book more. Everything is already locked."""

    def bookings(self) -> QuerySet[Booking]:
        """Return the bookings of this offer."""

    def takers(self, slot: Slot, *, now: datetime) -> list[User]:
        """Return whose time a booking of this slot takes: its organizer, then its cohosts. All are locked."""

    def attach(self, booking: Booking, *, now: datetime) -> None:
        """Connect a new booking, before it is saved, to what it is made on, and release what that still holds."""


@dataclass(slots=True)
class EventTypeOffer:
    """A one-on-one event type.

    The time of a booking to be `moved` doesn't block other slots, but isn't a slot itself.
    """

    is_public: ClassVar[bool] = True
    is_by_day: ClassVar[bool] = True
    event_type: EventType
    moved: Booking | None = None

    @property
    def key(self) -> UUID:
        return self.event_type.pk

    @property
    def organizer(self) -> User | None:
        return self.event_type.organizer

    @property
    def owner(self) -> User | Organization:
        return self.event_type.owner

    @property
    def with_whom(self) -> str:
        return self.owner.name

    @property
    def zone(self) -> ZoneInfo:
        return self.people[0].zone

    @property
    def people(self) -> list[User]:
        return [self.organizer] if self.organizer else []

    @property
    def name(self) -> str:
        return self.event_type.name

    @property
    def description(self) -> str:
        return self.event_type.description

    @property
    def duration(self) -> timedelta:
        return self.event_type.duration

    @property
    def location_kind(self) -> str:
        return self.event_type.location_kind

    @property
    def location(self) -> str:
        return self.event_type.location

    @property
    def room_kind(self) -> str:
        return self.event_type.room_kind

    @property
    def before_buffer(self) -> timedelta:
        return self.event_type.before_buffer

    @property
    def after_buffer(self) -> timedelta:
        return self.event_type.after_buffer

    def is_alive(self, *, now: datetime) -> bool:  # noqa: ARG002
        return True

    def times(self, query: PageQuery, *, now: datetime) -> Times:
        return times_of_one_day(
            query,
            find_starts=lambda window: self.open_starts(window, now=now),
            slot_at=self.slot_at,
            now=now,
            until=self.bookable_until(now=now),
        )

    def slot(self, value: str) -> Slot | None:
        start = parse_start(value)
        return self.slot_at(start) if start else None

    def could_be_slot(self, value: str) -> bool:
        return parse_start(value) is not None

    def open_slots(self, window: Period, *, now: datetime) -> list[Slot]:
        """Return the slots that start within `window`, in order."""
        return [self.slot_at(start) for start in self.open_starts(window, now=now)]

    def open_starts(self, window: Period, *, now: datetime) -> list[datetime]:
        """Return only the starts of `open_slots`, which is enough for most days of a month."""
        moved, starts = self.moved, self.starts(window, now=now)
        if self.event_type.daily_limit is not None and starts:
            starts = without_full_days(starts, self.event_type, self.day_zone, moved=moved)
        own = moved.start if moved and moved.duration == self.duration else None
        return [start for start in starts if start != own]

    def slot_at(self, start: datetime) -> Slot:
        return Slot(format_start(start), Period.lasting(start, self.duration))

    @property
    def day_zone(self) -> ZoneInfo:
        """The time zone of the days that a daily limit counts."""
        return schedule_zone(self.people[0])

    def starts(self, window: Period, *, now: datetime) -> list[datetime]:
        """Return the starts within `window` at which everyone whose time it takes is free, in order."""
        claim = self.moved.pk if self.moved else None
        return slots_of(self.event_type, self.people, window, now=now, except_claim=claim)

    def bookable_until(self, *, now: datetime) -> datetime:
        """Return the end of the booking window, after which no start can be booked."""
        return min(bookable_until(self.event_type, schedule_zone(each), now=now) for each in self.people)

    def lock(self) -> None:
        rows = EventType.objects.active().filter(pk=self.event_type.pk, organizer__is_active=True)
        fresh = rows.select_related("organizer").select_for_update(no_key=True, of=["self"]).first()
        if fresh is None or not fresh.has_room():
            raise OfferClosed
        # Keep the organizer that has its schedule loaded.
        fresh.organizer = self.event_type.organizer
        self.event_type = fresh

    def is_open(self, slot: Slot, *, now: datetime) -> bool:
        # Compare whole slots: the duration may have changed since the page was shown.
        window = Period.lasting(slot.period.start, SHORTEST_WINDOW)
        return slot in self.open_slots(window, now=now)

    def do_without(self, unchecked: Collection[User], slot: Slot) -> bool:  # noqa: ARG002
        return False

    def check_invitee(self, invitee: Invitee, *, now: datetime) -> None:
        check_invitee_limit(self.event_type, invitee.email, now=now)

    def bookings(self) -> QuerySet[Booking]:
        return Booking.objects.filter(event_type=self.event_type)

    def takers(self, slot: Slot, *, now: datetime) -> list[User]:  # noqa: ARG002
        return self.people

    def attach(self, booking: Booking, *, now: datetime) -> None:  # noqa: ARG002
        booking.event_type = self.event_type


def parse_start(value: str) -> datetime | None:
    """Parse the slot value of an event type, ISO 8601 with a zone. Return None for anything else."""
    try:
        start = datetime.fromisoformat(value)
    except ValueError:
        return None
    if start.tzinfo is None or not EARLIEST_START <= start <= LATEST_START:
        return None
    return start.astimezone(UTC)


def format_start(start: datetime) -> str:
    """Format a start as a slot value and for `<time datetime>`: `2026-12-01T09:00:00Z`."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
