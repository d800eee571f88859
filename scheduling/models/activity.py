from django.conf import settings
from django.db import models
from django.db.models import Value

from caledee.choices import OpenChoices

# What can happen to a booking or a one-off meeting. Each app adds its own, with what the history calls it.
ACTIVITY_KINDS = OpenChoices()


def activity_kinds() -> list[tuple[str, str]]:
    return ACTIVITY_KINDS.pairs()


class Activity(models.Model):
    """A line of the history of a booking or a one-off meeting. Only `scheduling.events` writes it.

    `subject` is the ID of the booking or the one-off meeting, which may be deleted by now; `name` is the name it had.
    `by` is who did it on the organizer side. If that was an invitee, or the account is deleted, only `by_name` is set.
    """

    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="activities")
    subject = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=activity_kinds)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="own_activities"
    )
    by_name = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    # Facts as in scheduling.bookings.activity.Facts, never a sentence.
    facts = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    # The sentence that versions before 0.2 wrote. Remove it once none of them can run alongside this one.
    details = models.TextField(max_length=2000, blank=True, db_default="", editable=False)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["organizer", "kind", "-at"], name="activity_organizer_kind")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_kind_display()}"
