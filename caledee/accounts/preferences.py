"""How a person wants times and pages to look."""

from django.db import models


class Clock(models.TextChoices):
    TWENTY_FOUR = "24", "24 hours, such as 14:30"
    TWELVE = "12", "12 hours, such as 2:30 pm"


class WeekStart(models.IntegerChoices):
    """The day that calendars begin with, numbered as `date.weekday()` does."""

    MONDAY = 0, "Monday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class ColorScheme(models.TextChoices):
    SYSTEM = "system", "As the device says"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class ReminderLead(models.IntegerChoices):
    """How long before a meeting a reminder comes, in minutes."""

    WEEK = 7 * 24 * 60, "A week before"
    DAY = 24 * 60, "A day before"
    HOUR = 60, "An hour before"
    QUARTER = 15, "15 minutes before"


def usual_reminders() -> list[int]:
    return [ReminderLead.DAY.value, ReminderLead.HOUR.value]
