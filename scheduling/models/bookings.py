import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.models import User, validate_time_zone
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind
from caledee.places.names import name_of_zone
from caledee.timekeeping.clock import Clock
from caledee.timekeeping.periods import Period
from caledee.web.tokens import make_token
from scheduling.models.event_types import EventType
from scheduling.models.meeting import RoomKind


class Canceller(models.TextChoices):
    ORGANIZER = "organizer", "the organizer"
    INVITEE = "invitee", "the invitee"


class BookingQuerySet(models.QuerySet["Booking"]):
    def confirmed(self) -> "BookingQuerySet":
        return self.filter(cancelled_at=None)

    def of(self, organizer: User) -> "BookingQuerySet":
        return self.filter(organizer=organizer)

    def taking_part(self, person: User) -> "BookingQuerySet":
        """Return bookings with `person` as organizer or cohost.

        Looks up the few cohosted ones first: with a subquery PostgreSQL would scan the whole table.
        """
        cohosted = list(Booking.cohosts.through.objects.filter(user=person).values_list("booking", flat=True))
        return self.filter(Q(organizer=person) | Q(pk__in=cohosted) if cohosted else Q(organizer=person))

    def known(self) -> "BookingQuerySet":
        """Return bookings whose invitee data has not been deleted."""
        return self.filter(forgotten_at=None)

    def with_invitee(self, text: str) -> "BookingQuerySet":
        """Return bookings whose invitee's name or email contains this text, regardless of case."""
        return self.filter(Q(invitee_name__icontains=text) | Q(invitee_email__icontains=text))

    def upcoming(self, now: datetime) -> "BookingQuerySet":
        """Return bookings that have not ended, next first."""
        return self.filter(end__gt=now).order_by("start", "pk")

    def past(self, now: datetime) -> "BookingQuerySet":
        """Return bookings that have ended, latest first."""
        return self.filter(end__lte=now).order_by("-start", "pk")


class Booking(models.Model):
    """A booked meeting. It keeps its own copy of the details, independent of later changes to what was booked.

    `uid` and `sequence` identify it in calendars (RFC 5545, sections 3.8.4.7 and 3.8.7.4).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookings", db_index=False
    )
    # Other required hosts. The ledger holds the time of each.
    cohosts = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="cohosted_bookings")
    event_type = models.ForeignKey(
        EventType, on_delete=models.SET_NULL, null=True, blank=True, related_name="bookings"
    )
    name = models.CharField(max_length=100)
    description = models.TextField(max_length=2000, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    location_kind = models.CharField(max_length=12, choices=LocationKind)
    location = models.CharField(max_length=DETAIL_MAX_LENGTH, blank=True)
    # What made the room of the video call, whose address is `location`, for this booking. Empty if nothing did.
    room_kind = models.CharField(max_length=12, choices=RoomKind, blank=True, default="", db_default="")
    invitee_name = models.CharField(max_length=100)
    invitee_email = models.EmailField(max_length=254)
    invitee_time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    # The invitee's clock according to their browser, or empty if unknown.
    invitee_clock = models.CharField(max_length=2, choices=Clock, blank=True, default="", db_default="")
    notes = models.TextField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    # When it was created, moved or cancelled, or its invitee data was deleted.
    updated_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, choices=Canceller, blank=True)
    cancel_reason = models.TextField(max_length=1000, blank=True)
    no_show_at = models.DateTimeField(null=True, blank=True)
    uid = models.CharField(max_length=100, unique=True, editable=False)
    # The nonce of the form that created it (caledee.web.forms.NonceField), or empty.
    nonce = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    sequence = models.PositiveIntegerField(default=0)
    # When the invitee data was deleted, long after the meeting. The time and the hosts remain.
    forgotten_at = models.DateTimeField(null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(no_show_at=None) | Q(cancelled_at=None, no_show_at__gte=F("start")),
                name="booking_no_show_after_start",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at=None)
                | Q(forgotten_at__gt=F("end"), invitee_name="", invitee_email="", notes="", cancel_reason=""),
                name="booking_forgotten_after_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} with {self.invitee_name}" if self.forgotten_at is None else self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:booking", args=[self.token])

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def people(self) -> list[User]:
        """Return the people whose time it takes: the organizer, then the cohosts by name."""
        return [self.organizer, *sorted(self.cohosts.all(), key=lambda person: (person.name, person.handle))]

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    @property
    def days_remembered(self) -> int:
        """Return how many days after the meeting the invitee data was deleted."""
        return (self.forgotten_at - self.end).days if self.forgotten_at else 0

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def ended_with_account(self) -> bool:
        """Return whether it was cancelled by closing the organizer's account: both have the same timestamp."""
        return self.is_cancelled and self.organizer.closed_at == self.cancelled_at

    def lies_ahead(self, now: datetime) -> bool:
        """Return whether the meeting is upcoming or in progress."""
        return not self.is_cancelled and now < self.end

    def can_be_no_show(self, now: datetime) -> bool:
        """Return whether the meeting has started, so the invitee can be marked as a no-show."""
        return not self.is_cancelled and self.start <= now

    @property
    def invitee_zone(self) -> ZoneInfo:
        return ZoneInfo(self.invitee_time_zone)

    @property
    def invitee_place(self) -> str:
        """Return the name of the invitee's time zone."""
        return name_of_zone(self.invitee_time_zone)
