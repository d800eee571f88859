"""Writing schedules: when somebody works."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from caledee.accounts.models import User
from scheduling.availability.ledger import lock_organizers
from scheduling.availability.slots import Hours, WorkingHours
from scheduling.models import DateOverride, Schedule, WeeklyHours


def save_schedule(organizer: User, hours: WorkingHours) -> Schedule:
    """Make `hours` the organizer's schedule, in place of whatever it was; whole or not at all.

    The hours of one day must not overlap. Bookings and holds stay what they are. Locks the organizer, so that two
    saves at once leave the one or the other and no mixture.
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
    """The zone on whose clocks the organizer's working hours are; empty where they have none."""
    return Schedule.objects.filter(organizer=organizer).values_list("time_zone", flat=True).first() or ""


def move_schedules(organizer: User, *, old: str, new: str) -> int:
    """Let the hours that are on the clocks of the zone `old` be those same hours on the clocks of `new`.

    Bookings and holds stay what they are. Needs a transaction with the organizer locked. Returns how many were moved.
    """
    return Schedule.objects.filter(organizer=organizer, time_zone=old).update(time_zone=new)


def _overrides(schedule: Schedule, day: date, spans: Sequence[Hours]) -> list[DateOverride]:
    if not spans:
        return [DateOverride(schedule=schedule, date=day)]
    return [DateOverride(schedule=schedule, date=day, start=start, end=end) for start, end in spans]
