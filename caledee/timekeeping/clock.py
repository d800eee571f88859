"""Preferences for reading times of day and weeks."""

from django.db import models


class Clock(models.TextChoices):
    TWENTY_FOUR = "24", "24 hours, such as 14:30"
    TWELVE = "12", "12 hours, such as 2:30 pm"


class WeekStart(models.IntegerChoices):
    """The first day of the week in calendars, numbered like `date.weekday()`."""

    MONDAY = 0, "Monday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"
