from django.db import models

from caledee.email.kinds import EMAIL_KINDS


@EMAIL_KINDS.add
class BookingEmail(models.TextChoices):
    CONFIRMED = "confirmed", "confirmation"
    MOVED = "moved", "notification of the new time"
    CANCELLED = "cancelled", "cancellation"
    REMINDER = "reminder", "reminder"
