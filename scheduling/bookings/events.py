"""What can happen to a booking."""

from dataclasses import dataclass

from django.db import models

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.bookings.activity import Facts, period_as_fact, periods_as_facts
from scheduling.events import Event, Line
from scheduling.models import ACTIVITY_KINDS, Booking


@ACTIVITY_KINDS.add
class BookingActivity(models.TextChoices):
    BOOKED = "booked", "Booked"
    CHANGED = "changed", "Moved"
    CANCELLED = "cancelled", "Cancelled"
    ACCEPTED = "accepted", "Time accepted"
    NO_SHOW = "no_show", "Marked as a no-show"
    SHOWED_UP = "showed_up", "No longer marked as a no-show"


@dataclass(frozen=True, slots=True)
class BookingEvent(Event):
    """`by` is who did it on the organizer side, or None if it was the invitee."""

    booking: Booking
    by: User | None = None


@dataclass(frozen=True, slots=True)
class Booked(BookingEvent):
    def line(self) -> Line:
        """Name the invitee in any case: whose time was accepted has also booked."""
        return _line(BookingActivity.BOOKED, self.booking, self.booking.invitee_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(BookingEvent):
    """`before` is the time that the booking had."""

    before: Period

    def line(self) -> Line:
        moved_from: Facts = {"moved_from": period_as_fact(self.before)}
        return _line(BookingActivity.CHANGED, self.booking, self.by or self.booking.invitee_name, moved_from)


@dataclass(frozen=True, slots=True)
class Cancelled(BookingEvent):
    def line(self) -> Line:
        return _line(BookingActivity.CANCELLED, self.booking, self.by or self.booking.invitee_name)


@dataclass(frozen=True, slots=True)
class Accepted(BookingEvent):
    """The organizer side accepted a time that the invitee suggested. It is booked, or moved to, before this."""

    def line(self) -> Line:
        return _line(BookingActivity.ACCEPTED, self.booking, self.by)


@dataclass(frozen=True, slots=True)
class NoShowMarked(BookingEvent):
    def line(self) -> Line:
        return _line_without_time(BookingActivity.NO_SHOW, self.booking, self.by)


@dataclass(frozen=True, slots=True)
class NoShowUnmarked(BookingEvent):
    def line(self) -> Line:
        return _line_without_time(BookingActivity.SHOWED_UP, self.booking, self.by)


def _line(kind: BookingActivity, booking: Booking, by: User | str | None, facts: Facts | None = None) -> Line:
    return _line_of(kind, booking, by, {"periods": periods_as_facts([booking.period]), **(facts or {})})


def _line_without_time(kind: BookingActivity, booking: Booking, by: User | None) -> Line:
    return _line_of(kind, booking, by, {})


def _line_of(kind: BookingActivity, booking: Booking, by: User | str | None, facts: Facts) -> Line:
    return Line(kind=kind, subject=booking.pk, name=booking.name, organizer=booking.organizer, by=by, facts=facts)
