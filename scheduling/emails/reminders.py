"""Decide when reminders are due.

A reminder a day or a week ahead is due at the meeting's local time that many dates earlier: people think of "tomorrow
at nine", even if the clocks change in between. Shorter ones are due that much elapsed time before the meeting.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from caledee.accounts.preferences import ReminderLead
from caledee.email.models import EmailRecord
from caledee.timekeeping.zones import first_moment_from, local_time
from scheduling.emails.kinds import BookingEmail
from scheduling.emails.messages import REMINDER
from scheduling.emails.sides import Sides, all_sides
from scheduling.models import Booking, BookingQuerySet

ONE_MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
# The largest difference of a local day from 24 hours.
LARGEST_JUMP = timedelta(hours=3)


@dataclass(frozen=True)
class Reminder:
    """A reminder to one participant, `lead` minutes before the meeting."""

    sides: Sides
    lead: int

    @cached_property
    def due_at(self) -> datetime:
        return due_at(self.sides.booking.start, self.lead, self.sides.reader.zone)

    def is_wanted(self, *, now: datetime) -> bool:
        """Return whether the reader has this reminder turned on, and it is due and not too late."""
        return self.lead in leads_of(self.sides) and is_timely(self.sides.booking.start, self.due_at, now=now)


def due_at(start: datetime, lead: int, zone: ZoneInfo) -> datetime:
    """Return when a reminder `lead` minutes before `start` is due, for a reader in `zone`."""
    before = lead * ONE_MINUTE
    if before < ONE_DAY:
        return start - before
    return first_moment_from(local_time(start, zone) - before, zone)


def is_timely(start: datetime, due: datetime, *, now: datetime) -> bool:
    """Return whether `now` is in the first half of the time between `due` and `start`."""
    return due <= now < due + (start - due) / 2


def leads_of(sides: Sides) -> list[int]:
    """Return the reader's own setting, or for the invitee the organizer's."""
    return sides.person.own_reminders if sides.person else sides.booking.organizer.invitee_reminders


def due_reminders(*, now: datetime) -> list[Reminder]:
    """Return reminders to queue now that have not been queued yet. A fixed number of queries.

    Skips reminders whose time had passed when the meeting was booked or moved: a meeting booked half an hour ahead
    does not need a reminder a day before.
    """
    bookings = list(_bookings_in_question(now))
    arranged_at, queued = _when_arranged(bookings), _queued_for(bookings)
    return [
        reminder
        for booking in bookings
        for reminder in _reminders(booking)
        if arranged_at[booking.pk] < reminder.due_at
        and reminder.is_wanted(now=now)
        and reminder.sides.message_id(REMINDER, reminder.lead) not in queued
    ]


def _bookings_in_question(now: datetime) -> BookingQuerySet:
    """Return confirmed bookings that may have a due reminder."""
    may_be_due = Q(pk=None)
    for lead in ReminderLead.values:
        before = lead * ONE_MINUTE
        margin = LARGEST_JUMP if before >= ONE_DAY else timedelta(0)
        earliest = max(now, now + before / 2 - margin)
        may_be_due |= Q(start__gt=earliest, start__lte=now + before + margin) & _sought_by(lead)
    found = Booking.objects.confirmed().filter(may_be_due)
    return found.select_related("organizer").prefetch_related("cohosts")


def _sought_by(lead: int) -> Q:
    """Match meetings with a participant who has this reminder turned on."""
    cohosts = Booking.cohosts.through.objects.filter(booking=OuterRef("pk"), user__own_reminders__contains=[lead])
    organizers = Q(organizer__own_reminders__contains=[lead]) | Q(organizer__invitee_reminders__contains=[lead])
    return organizers | Q(Exists(cohosts))


def _when_arranged(bookings: Collection[Booking]) -> dict[UUID, datetime]:
    """Return when each got its current time, which is when its emails were queued."""
    told = EmailRecord.objects.filter(
        subject__in=[booking.pk for booking in bookings], kind__in=[BookingEmail.CONFIRMED, BookingEmail.MOVED]
    )
    moments = {booking.pk: booking.created_at for booking in bookings}
    return moments | dict(told.order_by("queued_at").values_list("subject", "queued_at"))


def _queued_for(bookings: Collection[Booking]) -> set[str]:
    records = EmailRecord.objects.filter(subject__in=[booking.pk for booking in bookings], kind=BookingEmail.REMINDER)
    return set(records.values_list("message_id", flat=True))


def _reminders(booking: Booking) -> Iterator[Reminder]:
    for sides in all_sides(booking):
        for lead in leads_of(sides):
            yield Reminder(sides, lead)
