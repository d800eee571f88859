"""Rules for the values that a meeting is made of. Each rule yields what it refuses; none of them writes.

The functions that write raise `Refused` with everything the rules yield. Forms ask the same rules, and show each
sentence beside its field.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator, validate_email

from caledee.email.addresses import MailboxField
from caledee.locations import clean_location
from caledee.timekeeping.wording import say_count
from caledee.web.text import can_be_seen
from scheduling.models import LONGEST_DURATION, SHORTEST_DURATION

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NAME_MAX_LENGTH = 100
DESCRIPTION_MAX_LENGTH = 2000
EMAIL_MAX_LENGTH = 254
NAME_REQUIRED = "Enter a name."


class Reason(StrEnum):
    """Why a value is refused, as a code for programs."""

    REQUIRED = "required"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_WHOLE = "not_whole"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    REPEATED = "repeated"
    PAST = "past"
    TOO_FAR = "too_far"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that breaks a rule.

    `field` is the name of the value, `sentence` tells people what to do. Where the value is one of several, `item` is
    the start or the handle concerned.
    """

    field: str
    reason: Reason
    sentence: str
    item: datetime | str | None = None


class Refused(Exception):
    """Some values break the rules, and nothing was written. `refusals` are all of them, in order of the fields."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = list(refusals)
        super().__init__(" ".join(refusal.sentence for refusal in self.refusals))


@dataclass(frozen=True, slots=True)
class Span:
    """The bounds of a duration, which is a whole number of minutes or days."""

    shortest: timedelta
    longest: timedelta
    unit: timedelta = MINUTE

    def refusals(self, field: str, value: timedelta) -> Iterator[Refusal]:
        if value < self.shortest:
            yield Refusal(field, Reason.TOO_SMALL, f"At least {self._say(self.shortest)}.")
        elif value > self.longest:
            yield Refusal(field, Reason.TOO_LARGE, f"At most {self._say(self.longest)}.")
        elif value % self.unit:
            yield Refusal(field, Reason.NOT_WHOLE, f"Use whole {self._noun}s.")

    @property
    def _noun(self) -> str:
        return "minute" if self.unit == MINUTE else "day"

    def _say(self, bound: timedelta) -> str:
        return say_count(bound // self.unit, self._noun)


DURATION = Span(SHORTEST_DURATION, LONGEST_DURATION)


class Meeting(Protocol):
    """What event types and one-off meetings have in common."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def duration(self) -> timedelta: ...
    @property
    def location_kind(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def room_kind(self) -> str:
        """What makes a new room for each booking (scheduling.models.RoomKind), or empty."""


def refuse_any(refusals: Iterable[Refusal]) -> None:
    """Raise Refused if there are any."""
    if found := list(refusals):
        raise Refused(found)


def repeated[Value: Hashable](values: Iterable[Value]) -> Iterator[Value]:
    """Yield each value that occurred before."""
    seen = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)


def meeting_refusals(meeting: Meeting) -> Iterator[Refusal]:
    yield from name_refusals("name", meeting.name)
    yield from DURATION.refusals("duration", meeting.duration)
    yield from location_refusals(meeting.location_kind, meeting.location)
    yield from length_refusals("description", meeting.description, DESCRIPTION_MAX_LENGTH)


def name_refusals(field: str, name: str, required: str = NAME_REQUIRED) -> Iterator[Refusal]:
    """Refuse a name of which nothing can be seen, with the sentence `required`, and one that is too long."""
    if not can_be_seen(name):
        yield Refusal(field, Reason.REQUIRED, required)
    yield from length_refusals(field, name, NAME_MAX_LENGTH)


def length_refusals(field: str, text: str, most: int) -> Iterator[Refusal]:
    return refusals_of(MaxLengthValidator(most), field, text, Reason.TOO_LONG)


def refusals_of[Value](
    validator: Callable[[Value], None], field: str, value: Value, reason: Reason
) -> Iterator[Refusal]:
    """Refuse what a validator of Django refuses, with its sentence."""
    try:
        validator(value)
    except ValidationError as error:
        yield Refusal(field, reason, error.messages[0])


def number_refusals(field: str, number: int, least: int, most: int) -> Iterator[Refusal]:
    yield from refusals_of(MinValueValidator(least), field, number, Reason.TOO_SMALL)
    yield from refusals_of(MaxValueValidator(most), field, number, Reason.TOO_LARGE)


def location_refusals(kind: str, detail: str) -> Iterator[Refusal]:
    try:
        clean_location(kind, detail)
    except ValidationError as error:
        field = "location_kind" if error.code == "invalid_choice" else "location"
        reason = {"required": Reason.REQUIRED, "too_long": Reason.TOO_LONG}.get(error.code or "", Reason.INVALID)
        yield Refusal(field, reason, error.messages[0])


def address_refusals(field: str, address: str) -> Iterator[Refusal]:
    """Refuse what is not an email address, as `MailboxField` does."""
    try:
        validate_email(address)
        is_address = address.rpartition("@")[0].isascii()
    except ValidationError:
        is_address = False
    if not is_address:
        yield Refusal(field, Reason.INVALID, str(MailboxField.default_error_messages["invalid"]))
    yield from length_refusals(field, address, EMAIL_MAX_LENGTH)
