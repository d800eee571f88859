"""Caledee's own meetings in a connected calendar. They are busy in the ledger already, with buffers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from caledee.timekeeping.periods import Period
from scheduling.calendars.models import OutsideCalendarQuerySet
from scheduling.calendars.reading import OutsideTime, Reading
from scheduling.models import LONGEST_DURATION, Booking


@dataclass(frozen=True, slots=True)
class Moved:
    """A meeting that has another time in the calendar than here."""

    booking: UUID
    period: Period


def with_uids(calendars: OutsideCalendarQuerySet, since: datetime) -> OutsideCalendarQuerySet:
    """Annotate each calendar with the UIDs of its person's bookings since then, also cancelled ones.

    They come with the calendar's own query, and in two lists: one condition for both would read the whole table.
    """
    recent = Booking.objects.order_by().filter(start__gt=since - LONGEST_DURATION)
    organized = recent.filter(organizer=OuterRef("person"))
    cohosted = Booking.cohosts.through.objects.filter(user=OuterRef("person"), booking__in=recent)
    return calendars.annotate(  # type: ignore[no-redef]  # declared by the model, for readers
        organized_uids=ArraySubquery(organized.values("uid")),
        cohosted_uids=ArraySubquery(cohosted.values("booking__uid")),
    )


def separate_own(reading: Reading) -> tuple[list[OutsideTime], list[Moved]]:
    """Return what is busy in the calendar besides Caledee's own meetings, and the meetings that were moved there.

    An own meeting with the same time as here is left out, and so is one that was cancelled here. One with another time
    is busy then. One query if there are any.
    """
    busy, moved = list(reading.busy), dict[UUID, Moved]()
    if not reading.own:
        return busy, []
    known = _bookings({entry.uid for entry in reading.own})
    for entry in reading.own:
        booking = known.get(entry.uid)
        if booking is None or not (booking.is_cancelled or booking.period == entry.period):
            busy.append(OutsideTime(entry.period))
            if booking is not None:
                moved.setdefault(booking.pk, Moved(booking.pk, entry.period))
    return busy, list(moved.values())


def _bookings(uids: Iterable[str]) -> dict[str, Booking]:
    found = Booking.objects.filter(uid__in=uids).only("uid", "start", "end", "cancelled_at")
    return {booking.uid: booking for booking in found}
