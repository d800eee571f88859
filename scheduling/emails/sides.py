"""A booking from the point of view of each participant."""

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
from scheduling.feeds.links import booking_link
from scheduling.models import Booking, Canceller

PLACE_OF_INVITEE = "The place you entered when booking"


class Recipient(StrEnum):
    """The recipients of an email. The values of the first two match `models.Canceller`."""

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
    """A booking from the point of view of one participant. `cohost` is set for a cohost.

    For the invitee, `booking` is a copy without the invitee's input. The email address is unverified and may belong to
    a stranger, so nobody may use it to send them text.
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
        """Return the reader on the organizer side, or None."""
        return None if self.to_invitee else self.cohost or self.booking.organizer

    @property
    def reader(self) -> Person:
        return _person(self.person) if self.person else self._invitee

    @property
    def other(self) -> Person:
        """Return the person to reply to."""
        return _person(self.booking.organizer) if self.to_invitee else self._invitee

    @property
    def hosts(self) -> str:
        """Return the names of all hosts, beginning with `you` if the reader is one."""
        names = [person.name for person in self.booking.people if person != self.person]
        return say_names(names if self.to_invitee else ["you", *names])

    @property
    def link(self) -> str:
        """Return the reader's page. The invitee's page is for them only: cancelling there is in their name."""
        if self.to_invitee:
            return booking_link(self.booking)
        return f"{settings.BASE_URL}{reverse('scheduling:meeting', args=[self.booking.pk])}"

    def message_id(self, what: str, *details: object) -> str:
        """Return the Message-ID of this kind of email to this reader about the current state of the booking."""
        who = [self.recipient, self.cohost.pk] if self.cohost else [self.recipient]
        return name_message(self.booking.uid, self.booking.sequence, what, *details, *who)

    @property
    def _invitee(self) -> Person:
        booking = self.booking
        return Person(one_line(booking.invitee_name), booking.invitee_email, booking.invitee_zone)


def all_sides(booking: Booking) -> list[Sides]:
    """Return the sides of all participants: the invitee, the organizer, each cohost."""
    _, *cohosts = booking.people
    return [
        Sides(booking, Recipient.INVITEE),
        Sides(booking, Recipient.ORGANIZER),
        *(Sides(booking, Recipient.COHOST, cohost) for cohost in cohosts),
    ]


def _without_typed_words(booking: Booking) -> Booking:
    """Return a copy without the invitee's input. Never save it."""
    shown = copy(booking)
    shown.invitee_name = shown.notes = ""
    if booking.location_kind == LocationKind.ASK_INVITEE:
        shown.location = PLACE_OF_INVITEE
    if booking.cancelled_by == Canceller.INVITEE:
        shown.cancel_reason = ""
    return shown


def _person(user: User) -> Person:
    return Person(one_line(user.name), user.mailbox, user.zone)
