"""Writing schedules: when somebody works."""

from django.db import transaction

from caledee.accounts.models import User
from scheduling.availability import WorkingHours
from scheduling.busy import lock_organizers
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
            DateOverride(schedule=schedule, date=day, start=start, end=end)
            for day, spans in hours.overrides.items()
            for start, end in spans or [(None, None)]
        )
    return schedule
