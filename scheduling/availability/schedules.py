"""Write working hours."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from caledee.accounts.models import User
from scheduling.availability.ledger import lock_organizers
from scheduling.availability.slots import Hours, WorkingHours
from scheduling.models import DateOverride, Schedule, WeeklyHours


def save_schedule(organizer: User, hours: WorkingHours) -> Schedule:
    """Replace the organizer's schedule in one transaction.

    The hours of one day must not overlap. Bookings and holds stay as they are. Locks the organizer: simultaneous saves
    must not mix.
    """
    with transaction.atomic():
        lock_organizers([organizer])
        schedule, _ = Schedule.objects.update_or_create(organizer=organizer, defaults={"time_zone": hours.zone.key})
        schedule.weekly_hours.all().delete()
        schedule.date_overrides.all().delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(schedule=schedule, weekday=weekday, start=start, end=end)
            for weekday, spans in hours.weekly.items()
            for start, end in spans
        )
        DateOverride.objects.bulk_create(
            row for day, spans in hours.overrides.items() for row in _overrides(schedule, day, spans)
        )
    return schedule


def zone_of_hours(organizer: User) -> str:
    """Return the zone of the organizer's working hours, or an empty text without any."""
    return Schedule.objects.filter(organizer=organizer).values_list("time_zone", flat=True).first() or ""


def move_schedules(organizer: User, *, old: str, new: str) -> int:
    """Move schedules in the zone `old` to the zone `new` with the same local hours, and return their number.

    Bookings and holds stay as they are. Needs a transaction with the organizer locked.
    """
    return Schedule.objects.filter(organizer=organizer, time_zone=old).update(time_zone=new)


def _overrides(schedule: Schedule, day: date, spans: Sequence[Hours]) -> list[DateOverride]:
    if not spans:
        return [DateOverride(schedule=schedule, date=day)]
    return [DateOverride(schedule=schedule, date=day, start=start, end=end) for start, end in spans]
