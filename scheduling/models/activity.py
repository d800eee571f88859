from django.conf import settings
from django.db import models
from django.db.models import Value


class ActivityKind(models.TextChoices):
    """What can happen to a one-off meeting or a booking."""

    CREATED = "created", "Created"
    OPENED = "opened", "Opened"
    BOOKED = "booked", "Booked"
    CHANGED = "changed", "Changed"
    CANCELLED = "cancelled", "Cancelled"
    WITHDRAWN = "withdrawn", "Time withdrawn"
    DELETED = "deleted", "Deleted"
    REOPENED = "reopened", "Reopened"
    PROPOSED = "proposed", "Other times proposed"
    ACCEPTED = "accepted", "Proposal accepted"
    DECLINED = "declined", "Proposal declined"
    NO_SHOW = "no_show", "No-show"
    SHOWED_UP = "showed_up", "No-show taken back"


class Activity(models.Model):
    """One line of the history of a one-off meeting or a booking, written in the transaction that it tells of.

    `subject` is the id of what it happened to, which may be gone by now; `name` is what that was called. `by` is the
    person of ours who did it; for an invitee, or somebody deleted since, only `by_name` says who it was.
    """

    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="activities")
    subject = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=ActivityKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="own_activities"
    )
    by_name = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    # What happened, as scheduling.bookings.activity.Facts: never a sentence.
    facts = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    # The finished sentence that versions before 0.2 wrote. It can go once none of them runs beside this one.
    details = models.TextField(max_length=2000, blank=True, db_default="", editable=False)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["organizer", "kind", "-at"], name="activity_organizer_kind")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_kind_display()}"
