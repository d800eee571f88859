from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from caledee.locations import DETAIL_MAX_LENGTH, LocationKind

SHORTEST_DURATION = timedelta(minutes=5)
LONGEST_DURATION = timedelta(minutes=720)
LONGEST_BUFFER = timedelta(minutes=720)
ZERO = timedelta(0)


def validate_whole_minutes(duration: timedelta) -> None:
    if duration % timedelta(minutes=1):
        raise ValidationError("Use whole minutes.", code="whole_minutes")


class RoomKind(models.TextChoices):
    """What makes a new room for each booking of a video call."""

    TEMPLATE = "template", "The organizer's template"


class MeetingDetails(models.Model):
    """The details of a meeting before it has a time, shared by everything that can be booked."""

    name = models.CharField(max_length=100)
    description = models.TextField(max_length=2000, blank=True)
    duration = models.DurationField(
        validators=[
            MinValueValidator(SHORTEST_DURATION, "At least 5 minutes."),
            MaxValueValidator(LONGEST_DURATION, "At most 720 minutes, which is 12 hours."),
            validate_whole_minutes,
        ]
    )
    location_kind = models.CharField(max_length=12, choices=LocationKind, default=LocationKind.VIDEO)
    location = models.CharField(max_length=DETAIL_MAX_LENGTH, blank=True)
    # Set if each booking gets a room of its own. Until then, there is no location.
    room_kind = models.CharField(max_length=12, choices=RoomKind, blank=True, default="", db_default="")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(room_kind="") | Q(location_kind=LocationKind.VIDEO, location=""),
                name="%(class)s_room_is_video",
                violation_error_message="Only a video call without a link can have a room of its own.",
            ),
        ]
