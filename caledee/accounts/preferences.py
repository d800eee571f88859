"""How a person wants pages to look, and when to send reminders."""

from django.db import models


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
