"""When somebody is to be reminded of a meeting.

A reminder of a day or a week comes when the reader's clock shows what it will show when the meeting begins, that many
dates before: people think of "tomorrow at nine", also across the night in which clocks change. One of an hour or less
comes that much time before.
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
# By how much a day on the wall may differ from 24 hours.
LARGEST_JUMP = timedelta(hours=3)


@dataclass(frozen=True)
class Reminder:
    """Of one meeting, to one who takes part, `lead` minutes before."""

    sides: Sides
    lead: int

    @cached_property
    def due_at(self) -> datetime:
        return due_at(self.sides.booking.start, self.lead, self.sides.reader.zone)

    def is_wanted(self, *, now: datetime) -> bool:
        """Whether its reader is to have it at all, and neither too early nor so late that it says nothing new."""
        return self.lead in leads_of(self.sides) and is_timely(self.sides.booking.start, self.due_at, now=now)


def due_at(start: datetime, lead: int, zone: ZoneInfo) -> datetime:
    """The moment of a reminder `lead` minutes before `start`, for a reader in `zone`."""
    before = lead * ONE_MINUTE
    if before < ONE_DAY:
        return start - before
    return first_moment_from(local_time(start, zone) - before, zone)


def is_timely(start: datetime, due: datetime, *, now: datetime) -> bool:
    """From when it is due until half of the time to the meeting has gone."""
    return due <= now < due + (start - due) / 2


def leads_of(sides: Sides) -> list[int]:
    """What we set for ourselves each; the organizer decides for the invitee."""
    return sides.person.own_reminders if sides.person else sides.booking.organizer.invitee_reminders


def due_reminders(*, now: datetime) -> list[Reminder]:
    """All that are to be queued at this moment, but for those queued before. A fixed number of queries.

    None of a moment that had passed when the meeting was arranged: booked or moved half an hour before it begins, it
    needs no reminder of the day before.
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
    """The confirmed ones of which any reminder may be due now."""
    may_be_due = Q(pk=None)
    for lead in ReminderLead.values:
        before = lead * ONE_MINUTE
        margin = LARGEST_JUMP if before >= ONE_DAY else timedelta(0)
        earliest = max(now, now + before / 2 - margin)
        may_be_due |= Q(start__gt=earliest, start__lte=now + before + margin) & _sought_by(lead)
    found = Booking.objects.confirmed().filter(may_be_due)
    return found.select_related("organizer").prefetch_related("cohosts")


def _sought_by(lead: int) -> Q:
    """Meetings with somebody who may get this reminder."""
    cohosts = Booking.cohosts.through.objects.filter(booking=OuterRef("pk"), user__own_reminders__contains=[lead])
    organizers = Q(organizer__own_reminders__contains=[lead]) | Q(organizer__invitee_reminders__contains=[lead])
    return organizers | Q(Exists(cohosts))


def _when_arranged(bookings: Collection[Booking]) -> dict[UUID, datetime]:
    """When the present time of each was agreed on: it was told of at once."""
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
