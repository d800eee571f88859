"""The meetings of a list, by day, formatted for the organizer side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.urls import reverse

from caledee.accounts.models import User
from caledee.timekeeping.wording import clocks_differ, say_day, say_names, say_time_span, say_when
from caledee.timekeeping.zones import local_time
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.models import Booking, BookingQuerySet, Canceller
from scheduling.pages.undelivered import UndeliveredLine, undelivered_of
from scheduling.rooms import say_booked_place
from scheduling.sources import sources

BUSY = "Busy"


@dataclass(frozen=True, slots=True)
class Teammate:
    """A person whose meetings an admin looks at. Of meetings that aren't `disclosed`, only the times are shown."""

    person: User
    disclosed: BookingQuerySet


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting. `address` is the page with more about it, or empty."""

    booking: Booking
    time: str
    when: str
    invitee_time: str
    place: str
    cancelled_by: str
    cancel_reason: str
    company: str
    can_be_cancelled: bool
    can_be_no_show: bool
    address: str
    is_mine: bool = True
    undelivered: Sequence[UndeliveredLine] = ()


@dataclass(frozen=True, slots=True)
class BusyRow:
    """The time of a teammate's meeting whose details are private."""

    time: str
    is_private: bool = True


@dataclass(frozen=True, slots=True)
class MeetingDay:
    heading: str
    rows: Sequence[MeetingRow | BusyRow]


def meeting_days(
    bookings: Iterable[Booking], reader: User, *, teammate: Teammate | None = None, now: datetime
) -> list[MeetingDay]:
    """Group meetings by the reader's local date, in the order given. The number of queries is fixed."""
    bookings = list(bookings)
    rows = _teammates_rows(bookings, reader, teammate, now) if teammate else _own_rows(bookings, reader, now)
    days = groupby(bookings, key=lambda booking: local_time(booking.start, reader.zone).date())
    return [MeetingDay(say_day(day), [rows[booking.pk] for booking in of]) for day, of in days]


def meeting_row(
    booking: Booking,
    reader: User,
    *,
    address: str | None = None,
    now: datetime,
    undelivered: Sequence[UndeliveredLine] = (),
) -> MeetingRow:
    """Format a meeting for its organizer, a cohost, or an admin to whom it is disclosed."""
    differs = clocks_differ(booking.period, reader.zone, booking.invitee_zone)
    is_mine = booking.organizer == reader
    by_organizer = booking.cancelled_by == Canceller.ORGANIZER
    organizer_name = "you" if is_mine else booking.organizer.name
    others = [person.name for person in booking.people if person != reader]
    takes_part = reader in booking.people
    company = say_names(["you", *others] if takes_part else others) if others else ""
    return MeetingRow(
        booking=booking,
        time=say_time_span(booking.period, reader.zone),
        when=say_when(booking.period, reader.zone),
        invitee_time=say_when(booking.period, booking.invitee_zone) if differs else "",
        place=say_booked_place(booking),
        cancelled_by=organizer_name if by_organizer else booking.invitee_name or "the invitee",
        cancel_reason=say_cancel_reason(booking),
        company=f"with {company}" if company else "",
        can_be_cancelled=is_mine and not booking.is_cancelled and booking.start > now,
        can_be_no_show=is_mine and booking.can_be_no_show(now),
        address=reverse("scheduling:meeting", args=[booking.pk]) if address is None else address,
        is_mine=takes_part,
        undelivered=undelivered,
    )


def _own_rows(bookings: Sequence[Booking], reader: User, now: datetime) -> dict[UUID, MeetingRow | BusyRow]:
    undelivered = undelivered_of([booking.pk for booking in bookings], reader)
    return {
        booking.pk: meeting_row(booking, reader, now=now, undelivered=undelivered.get(booking.pk, ()))
        for booking in bookings
    }


def _teammates_rows(
    bookings: Sequence[Booking], reader: User, teammate: Teammate, now: datetime
) -> dict[UUID, MeetingRow | BusyRow]:
    keys = [booking.pk for booking in bookings]
    disclosed = set(teammate.disclosed.filter(pk__in=keys).values_list("pk", flat=True))
    addresses = _addresses([booking for booking in bookings if booking.pk in disclosed], reader)
    return {
        booking.pk: meeting_row(booking, reader, address=addresses.get(booking.pk, ""), now=now)
        if booking.pk in disclosed
        else BusyRow(say_time_span(booking.period, reader.zone))
        for booking in bookings
    }


def _addresses(bookings: Sequence[Booking], reader: User) -> dict[UUID, str]:
    """Return where the reader finds more about a meeting: its source's page, or the meeting if they take part."""
    own = {each.pk: reverse("scheduling:meeting", args=[each.pk]) for each in bookings if reader in each.people}
    return own | sources.pages_of(bookings)
