"""What a person's connected calendars say about one of their meetings. Calendars never cancel or move a meeting."""

from datetime import datetime

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_names, say_when
from scheduling.availability.taken import TakenKind, read_taken
from scheduling.calendars.busy import moved_outside
from scheduling.models import Booking


def calendar_notes(booking: Booking, reader: User, *, now: datetime) -> list[str]:
    """Return sentences for the reader, who takes part. None once the meeting is over or cancelled. Two queries."""
    if booking.is_cancelled or booking.end <= now:
        return []
    moved = [
        f"In {each.calendar.name}, this meeting is at another time: {say_when(each.period, reader.zone)}."
        for each in moved_outside(booking, reader)
    ]
    taken = read_taken([reader], booking.period, now=now, except_claim=booking.pk)
    busy_in = dict.fromkeys(each.source for each in taken if each.kind is TakenKind.OUTSIDE)
    return [*moved, f"It overlaps an entry in {say_names(busy_in)}."] if busy_in else moved
