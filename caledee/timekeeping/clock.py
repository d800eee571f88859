"""How a person reads times of day and weeks."""

from django.db import models


class Clock(models.TextChoices):
    TWENTY_FOUR = "24", "24 hours, such as 14:30"
    TWELVE = "12", "12 hours, such as 2:30 pm"


class WeekStart(models.IntegerChoices):
    """The day that calendars begin with, numbered as `date.weekday()` does."""

    MONDAY = 0, "Monday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"
