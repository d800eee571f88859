"""Sources: the kinds of things that bookings are made on, and what each of them adds to the pages about bookings.

An app's module `booking_source` registers its source, so pages of bookings and meetings need no code for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.db.models import Q

from caledee.accounts.models import User
from scheduling.bookings.offers import Offer
from scheduling.models import Booking, BookingQuerySet

NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class PageExtras:
    """What a source adds to a page of its times. `notice` confirms what the viewer has just done.

    `propose_address` is where to suggest other times. The page sends a POST to `opened_address` when it is displayed.
    """

    notice: str = ""
    valid_until: datetime | None = None
    propose_address: str = ""
    opened_address: str = ""


NO_EXTRAS = PageExtras()


@dataclass(frozen=True, slots=True)
class Move:
    """The times that a booking can be moved to."""

    offer: Offer
    extras: PageExtras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Note:
    """A section of a booking's page. `quotation` is what someone wrote."""

    heading: str
    lines: Sequence[str]
    state: str
    quotation: str = ""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What an invitee can do with a booking besides cancelling it, and what to know about it.

    `book_again` and `change` are addresses, or empty. `notice` confirms what the invitee has just done.
    """

    book_again: str = ""
    change: str = ""
    links: Sequence[Link] = ()
    notes: Sequence[Note] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class WayToCreate:
    title: str
    explanation: str
    address: str


# ruff: noqa: ARG002 (the methods of the base class ignore their arguments)
class Source(ABC):
    """One kind of thing that bookings are made on, such as event types.

    A method that isn't overridden adds nothing.
    """

    @abstractmethod
    def has_made(self, booking: Booking) -> bool:
        """Return whether the booking was made on a thing of this kind."""

    def load(self, bookings: BookingQuerySet) -> BookingQuerySet:
        """Have the queryset also load what `move` and `next_steps` need."""
        return bookings

    def move(self, booking: Booking) -> Move | None:
        """Return what the booking can be moved to, or None if there is nothing to choose from."""
        return None

    def next_steps(self, booking: Booking, *, has_just_sent: bool, now: datetime) -> NextSteps:
        """Return what the invitee can do. `has_just_sent` if they come from a form that the source links to."""
        return NextSteps()

    def page_of(self, booking: Booking) -> str:
        """Return the address where the organizer side manages what the booking was made on, or an empty string."""
        return ""

    def pages_of(self, bookings: Collection[Booking]) -> Mapping[UUID, str]:
        """Return the addresses of `page_of` for those of the bookings that have one, by the booking's ID."""
        return {}

    def managed_by(self, user: User) -> Q:
        """Return which bookings a user can manage besides those they organize."""
        return NOTHING

    def disclosed_to(self, user: User) -> Q:
        """Return which bookings of other people a user can see the details of."""
        return NOTHING

    def colleagues_of(self, user: User) -> Collection[User]:
        """Return whose meetings a user can look at."""
        return ()

    def ways_to_create(self) -> Sequence[WayToCreate]:
        """Return the ways for a person to create a thing of this kind."""
        return ()

    def ways_to_create_for_teams(self) -> Sequence[WayToCreate]:
        """Return the ways for a person to create a thing of this kind for an organization that they manage."""
        return ()


class DeletedSource(Source):
    """Stands for whatever a booking was made on that no longer exists."""

    def has_made(self, booking: Booking) -> bool:
        return True


class Sources:
    """The sources of this site, in the order in which they were registered."""

    def __init__(self) -> None:
        self._registered: list[Source] = []

    def __iter__(self) -> Iterator[Source]:
        return iter(self._registered)

    def register(self, source: Source) -> None:
        self._registered.append(source)

    def unregister(self, source: Source) -> None:
        self._registered.remove(source)

    def source_of(self, booking: Booking) -> Source:
        return next((source for source in self if source.has_made(booking)), DeletedSource())

    def load(self, bookings: BookingQuerySet) -> BookingQuerySet:
        for source in self:
            bookings = source.load(bookings)
        return bookings

    def pages_of(self, bookings: Collection[Booking]) -> dict[UUID, str]:
        return {key: page for source in self for key, page in source.pages_of(bookings).items()}

    def managed_by(self, user: User) -> BookingQuerySet:
        """Return the bookings that a user can manage: as organizer, or because their source says so."""
        return Booking.objects.filter(_any_of(Q(organizer=user), *(source.managed_by(user) for source in self)))

    def disclosed_to(self, user: User) -> BookingQuerySet:
        """Return the bookings whose details a user can see: by taking part, or because their source says so."""
        own = Q(pk__in=Booking.objects.taking_part(user).values("pk"))
        return Booking.objects.filter(_any_of(*(source.disclosed_to(user) for source in self), own))

    def colleagues_of(self, user: User) -> list[User]:
        """Return the user, then by name the others whose meetings they can look at."""
        people = {person for source in self for person in source.colleagues_of(user)}
        return [user, *sorted(people - {user}, key=lambda person: (person.name, person.handle))]

    def ways_to_create(self, *, for_teams: bool) -> list[WayToCreate]:
        ways = chain.from_iterable(source.ways_to_create() for source in self)
        of_teams = chain.from_iterable(source.ways_to_create_for_teams() for source in self)
        return [*ways, *(of_teams if for_teams else ())]


def _any_of(*conditions: Q) -> Q:
    combined = NOTHING
    for condition in conditions:
        combined |= condition
    return combined


sources = Sources()
