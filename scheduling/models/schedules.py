from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caledee.accounts.models import validate_time_zone


class Weekday(models.IntegerChoices):
    """Weekdays, numbered like `date.weekday()`."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Schedule(models.Model):
    """A person's working hours: local times in one zone, which follow its clock changes."""

    organizer = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])

    def __str__(self) -> str:
        return f"Schedule of {self.organizer}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class WeeklyHours(models.Model):
    """A span of hours on a weekday. An end of 00:00 is midnight at the end of the day."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["weekday", "start"]
        verbose_name_plural = "weekly hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end")) | Q(end="00:00"),
                name="weekly_hours_start_before_end",
                violation_error_message="Hours must end after they start.",
            ),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="weekly_hours_weekday_known"),
            models.UniqueConstraint(fields=["schedule", "weekday", "start"], name="weekly_hours_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start:%H:%M}-{self.end:%H:%M}"


class DateOverride(models.Model):
    """Hours of one date that replace the weekly ones. A row without start and end closes the day."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="date_overrides")
    date = models.DateField()
    start = models.TimeField(null=True, blank=True)
    end = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["date", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False) & (Q(start__lt=F("end")) | Q(end="00:00")),
                name="date_override_start_before_end",
                violation_error_message="Hours must end after they start.",
            ),
            models.UniqueConstraint(
                fields=["schedule", "date", "start"], nulls_distinct=False, name="date_override_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: closed" if self.start is None else f"{self.date}: {self.start:%H:%M}-{self.end:%H:%M}"
