"""Preferences for the appearance of pages, for reminders and for video calls."""

from django.db import models

ROOM_TEMPLATE_MAX_LENGTH = 200


class ColorScheme(models.TextChoices):
    SYSTEM = "system", "Same as device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class ReminderLead(models.IntegerChoices):
    """When a reminder is sent, in minutes before the meeting."""

    WEEK = 7 * 24 * 60, "1 week before"
    DAY = 24 * 60, "1 day before"
    HOUR = 60, "1 hour before"
    QUARTER = 15, "15 minutes before"


def usual_reminders() -> list[int]:
    return [ReminderLead.DAY.value, ReminderLead.HOUR.value]
