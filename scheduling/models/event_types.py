import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caledee.accounts.models import User
from scheduling.models.meeting import LONGEST_BUFFER, LONGEST_DURATION, SHORTEST_DURATION, ZERO, MeetingDetails


class EventTypeQuerySet(models.QuerySet["EventType"]):
    def active(self) -> "EventTypeQuerySet":
        return self.filter(paused_at=None)

    def of(self, organizer: User) -> "EventTypeQuerySet":
        return self.filter(organizer=organizer)


class EventType(MeetingDetails):
    """A reusable kind of meeting with a page of its own. It is switched off by `paused_at`, on by clearing it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="event_types")
    slug = models.CharField(
        max_length=60,
        validators=[RegexValidator(r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Use a to z, digits and single hyphens.")],
    )
    before_buffer = models.DurationField(default=ZERO)
    after_buffer = models.DurationField(default=ZERO)
    minimum_notice = models.DurationField(default=ZERO)
    booking_window = models.DurationField(default=timedelta(days=60), help_text="whole days, counted from today")
    start_increment = models.DurationField(default=timedelta(minutes=30))
    # Where a plan has room for some only, the first in this order stay on.
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)

    objects = EventTypeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organizer", "slug"],
                name="event_type_slug_unique",
                violation_error_message="Another of your event types has this address.",
            ),
            models.CheckConstraint(
                condition=Q(duration__range=(SHORTEST_DURATION, LONGEST_DURATION)),
                name="event_type_duration_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    before_buffer__range=(ZERO, LONGEST_BUFFER),
                    after_buffer__range=(ZERO, LONGEST_BUFFER),
                    minimum_notice__gte=ZERO,
                    booking_window__gte=ZERO,
                ),
                name="event_type_settings_range",
            ),
            models.CheckConstraint(
                condition=Q(start_increment__gte=timedelta(minutes=5)),
                name="event_type_start_increment_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:event_type_page", args=[self.organizer.handle, self.slug])

    @property
    def is_active(self) -> bool:
        return self.paused_at is None
