"""A booking as each of those who take part in it sees it."""

from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from caledee.accounts.models import User
from caledee.email.messages import name_message
from caledee.email.text import one_line
from caledee.locations import LocationKind
from caledee.timekeeping.wording import say_names
from scheduling.calendars.links import booking_link
from scheduling.models import Booking, Canceller

PLACE_OF_INVITEE = "The place you entered when booking"


class Recipient(StrEnum):
    """The two sides, the values being those of `models.Canceller` too; and who else is there on the organizer's."""

    INVITEE = "invitee"
    ORGANIZER = "organizer"
    COHOST = "cohost"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Sides:
    """A booking as one of those who take part sees it. `cohost` says which of them, where it is one.

    For the invitee `booking` is a copy without anything that was typed with it: the address was typed, too, and may be
    that of somebody who never heard of the meeting. Nobody shall be able to send their own words to it.
    """

    booking: Booking
    recipient: Recipient
    cohost: User | None = None

    def __post_init__(self) -> None:
        if self.to_invitee:
            object.__setattr__(self, "booking", _without_typed_words(self.booking))

    @property
    def to_invitee(self) -> bool:
        return self.recipient is Recipient.INVITEE

    @property
    def person(self) -> User | None:
        """Who of ours reads it."""
        return None if self.to_invitee else self.cohost or self.booking.organizer

    @property
    def reader(self) -> Person:
        return _person(self.person) if self.person else self._invitee

    @property
    def other(self) -> Person:
        """Whom to answer."""
        return _person(self.booking.organizer) if self.to_invitee else self._invitee

    @property
    def hosts(self) -> str:
        """Everybody of ours who is there, by name: `you` first, where one of them reads it."""
        names = [person.name for person in self.booking.people if person != self.person]
        return say_names(names if self.to_invitee else ["you", *names])

    @property
    def link(self) -> str:
        """The invitee's own page; not for us, who would cancel there in the invitee's name."""
        if self.to_invitee:
            return booking_link(self.booking)
        return f"{settings.BASE_URL}{reverse('scheduling:meeting', args=[self.booking.pk])}"

    def message_id(self, what: str, *details: object) -> str:
        """The name of the mail that tells this reader `what` of the booking as it is now."""
        who = [self.recipient, self.cohost.pk] if self.cohost else [self.recipient]
        return name_message(self.booking.uid, self.booking.sequence, what, *details, *who)

    @property
    def _invitee(self) -> Person:
        booking = self.booking
        return Person(one_line(booking.invitee_name), booking.invitee_email, booking.invitee_zone)


def all_sides(booking: Booking) -> list[Sides]:
    """Of everybody who takes part: the invitee, the organizer, each cohost."""
    _, *cohosts = booking.people
    return [
        Sides(booking, Recipient.INVITEE),
        Sides(booking, Recipient.ORGANIZER),
        *(Sides(booking, Recipient.COHOST, cohost) for cohost in cohosts),
    ]


def _without_typed_words(booking: Booking) -> Booking:
    """A copy, never to be saved."""
    shown = copy(booking)
    shown.invitee_name = shown.notes = ""
    if booking.location_kind == LocationKind.ASK_INVITEE:
        shown.location = PLACE_OF_INVITEE
    if booking.cancelled_by == Canceller.INVITEE:
        shown.cancel_reason = ""
    return shown


def _person(user: User) -> Person:
    return Person(one_line(user.name), user.mailbox, user.zone)
