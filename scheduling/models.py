import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from caledee.accounts.models import User, validate_time_zone
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind
from caledee.periods import Period
from caledee.tokens import make_token

SHORTEST_DURATION = timedelta(minutes=5)
LONGEST_DURATION = timedelta(minutes=720)
LONGEST_BUFFER = timedelta(minutes=720)
ZERO = timedelta(0)


def validate_whole_minutes(duration: timedelta) -> None:
    if duration % timedelta(minutes=1):
        raise ValidationError("Use whole minutes.", code="whole_minutes")


class Weekday(models.IntegerChoices):
    """Numbered as `date.weekday()` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Schedule(models.Model):
    """When a person works: local times in one zone, which follow the clock on the wall through DST changes."""

    organizer = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])

    def __str__(self) -> str:
        return f"Schedule of {self.organizer}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class WeeklyHours(models.Model):
    """One span of one weekday. An end of 00:00 is the midnight at which the day ends."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["weekday", "start"]
        verbose_name_plural = "weekly hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end")) | Q(end="00:00"),
                name="weekly_hours_start_before_end",
                violation_error_message="Hours must end after they start.",
            ),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="weekly_hours_weekday_known"),
            models.UniqueConstraint(fields=["schedule", "weekday", "start"], name="weekly_hours_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start:%H:%M}-{self.end:%H:%M}"


class DateOverride(models.Model):
    """Other hours on one date than the weekly ones. A row without start and end closes the day."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="date_overrides")
    date = models.DateField()
    start = models.TimeField(null=True, blank=True)
    end = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["date", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False) & (Q(start__lt=F("end")) | Q(end="00:00")),
                name="date_override_start_before_end",
                violation_error_message="Hours must end after they start.",
            ),
            models.UniqueConstraint(
                fields=["schedule", "date", "start"], nulls_distinct=False, name="date_override_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: closed" if self.start is None else f"{self.date}: {self.start:%H:%M}-{self.end:%H:%M}"


class EventTypeQuerySet(models.QuerySet["EventType"]):
    def active(self) -> "EventTypeQuerySet":
        return self.filter(paused_at=None)

    def owned_by(self, organizer: User) -> "EventTypeQuerySet":
        return self.filter(organizer=organizer)


class EventType(models.Model):
    """A reusable kind of meeting with a page of its own. It is switched off by `paused_at`, on by clearing it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="event_types")
    name = models.CharField(max_length=100)
    slug = models.CharField(
        max_length=60,
        validators=[RegexValidator(r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Use a to z, digits and single hyphens.")],
    )
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
    before_buffer = models.DurationField(default=ZERO)
    after_buffer = models.DurationField(default=ZERO)
    minimum_notice = models.DurationField(default=ZERO)
    booking_window = models.DurationField(default=timedelta(days=60), help_text="whole days, counted from today")
    start_increment = models.DurationField(default=timedelta(minutes=30))
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)

    objects = EventTypeQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
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


class Canceller(models.TextChoices):
    ORGANIZER = "organizer", "the organizer"
    INVITEE = "invitee", "the invitee"


class BookingQuerySet(models.QuerySet["Booking"]):
    def confirmed(self) -> "BookingQuerySet":
        return self.filter(cancelled_at=None)

    def of(self, organizer: User) -> "BookingQuerySet":
        return self.filter(organizer=organizer)

    def upcoming(self, now: datetime) -> "BookingQuerySet":
        """Those that are not over yet, the next one first."""
        return self.filter(end__gt=now).order_by("start", "pk")

    def past(self, now: datetime) -> "BookingQuerySet":
        """Those that are over, the last one first."""
        return self.filter(end__lte=now).order_by("-start", "pk")


class Booking(models.Model):
    """The appointment made. It keeps its own copy of what was agreed, whatever happens to what it was booked on.

    `uid` and `sequence` are its identity in calendars (RFC 5545, sections 3.8.4.7 and 3.8.7.4).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookings", db_index=False
    )
    event_type = models.ForeignKey(
        EventType, on_delete=models.SET_NULL, null=True, blank=True, related_name="bookings"
    )
    name = models.CharField(max_length=100)
    description = models.TextField(max_length=2000, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    location_kind = models.CharField(max_length=12, choices=LocationKind)
    location = models.CharField(max_length=DETAIL_MAX_LENGTH, blank=True)
    invitee_name = models.CharField(max_length=100)
    invitee_email = models.EmailField(max_length=254)
    invitee_time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    notes = models.TextField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, choices=Canceller, blank=True)
    cancel_reason = models.TextField(max_length=1000, blank=True)
    uid = models.CharField(max_length=100, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["start", "id"]
        indexes = [models.Index(fields=["organizer", "start"], name="booking_organizer_start")]
        constraints = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="booking_start_before_end"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by="") | Q(cancelled_at__isnull=False) & ~Q(cancelled_by=""),
                name="booking_cancelled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} with {self.invitee_name}"

    def get_absolute_url(self) -> str:
        return reverse("scheduling:booking", args=[self.token])

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def invitee_zone(self) -> ZoneInfo:
        return ZoneInfo(self.invitee_time_zone)


class BusyKind(models.TextChoices):
    """RFC 5545, section 3.2.9: BUSY and BUSY-TENTATIVE."""

    BOOKING = "booking", "Booked"
    HOLD = "hold", "Held"


class BusyTime(models.Model):
    """One taken period of one organizer: the ledger. Written by `scheduling.busy` alone.

    `claim` is the id of the booking or of the one-off meeting that it belongs to; times of one claim may overlap each
    other. A hold ends to count at `lapses_at`. The buffers keep other meetings at a distance but do not conflict.
    """

    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_times")
    claim = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=BusyKind)
    start = models.DateTimeField()
    end = models.DateTimeField()
    during = models.GeneratedField(
        expression=models.Func(F("start"), F("end"), RangeBoundary(), function="tstzrange"),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )
    before_buffer = models.DurationField(default=ZERO)
    after_buffer = models.DurationField(default=ZERO)
    lapses_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organizer", "start"], name="busy_time_organizer_start")]
        constraints = [
            ExclusionConstraint(
                name="busy_time_no_overlap",
                expressions=[
                    ("organizer", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                    ("claim", RangeOperators.NOT_EQUAL),
                ],
                violation_error_message="This time is taken.",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=F("end"), start__gte=F("end") - LONGEST_DURATION),
                name="busy_time_length",
            ),
            models.CheckConstraint(
                condition=Q(kind=BusyKind.BOOKING, lapses_at=None)
                | Q(kind=BusyKind.HOLD, lapses_at__isnull=False, lapses_at__lte=F("start")),
                name="busy_time_holds_lapse",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start} - {self.end}"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def distanced_period(self) -> Period:
        """The period with the distance that its own buffers ask for."""
        return self.period.padded(self.before_buffer, self.after_buffer)
