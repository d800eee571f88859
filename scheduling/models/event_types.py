import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.urls import reverse

from caledee.accounts.models import Membership, User
from caledee.accounts.plans import ACTIVE_EVENT_TYPE_LIMITS, Plan
from scheduling.models.meeting import LONGEST_BUFFER, LONGEST_DURATION, SHORTEST_DURATION, ZERO, MeetingDetails


class EventTypeQuerySet(models.QuerySet["EventType"]):
    def active(self) -> "EventTypeQuerySet":
        """Switched on. Whether they can be booked is a matter of the plan, too: `bookable`."""
        return self.filter(paused_at=None)

    def bookable(self) -> "EventTypeQuerySet":
        """Switched on, and among as many of the organizer's, in their order, as a plan of theirs has room for.

        Nothing is stored of it: where a plan shrinks or grows, or somebody leaves an organization, it holds at once.
        """
        return self.active().filter(_has_room())

    def with_bookability(self) -> "EventTypeQuerySet":
        """Each with `is_bookable`, as `bookable` has it."""
        condition = ExpressionWrapper(Q(paused_at=None) & _has_room(), output_field=BooleanField())
        return self.annotate(is_bookable=condition)  # type: ignore[no-redef]  # declared by the model, for readers

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

    is_bookable: bool  # known of those that come from `with_bookability` only

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


def _has_room() -> Q:
    """Whether the organizer's own plan, or that of an organization of theirs, has room for this event type.

    Only subqueries, no joins: the rows can be locked.
    """
    room = Q(organizer__isnull=True)
    for limit in set(ACTIVE_EVENT_TYPE_LIMITS.values()):
        plans = [plan for plan in Plan if ACTIVE_EVENT_TYPE_LIMITS[plan] == limit]
        room |= _has_plan(plans) if limit is None else _has_plan(plans) & Q(_fewer_before_it_than(limit))
    return room


def _has_plan(plans: list[Plan]) -> Q:
    own = User.objects.filter(pk=OuterRef("organizer"), plan__in=plans)
    shared = Membership.objects.filter(user=OuterRef("organizer"), organization__plan__in=plans)
    return Q(Exists(own)) | Q(Exists(shared))


def _fewer_before_it_than(limit: int) -> LessThan:
    """Of the organizer's event types that are on, in the order that the organizer gave them."""
    place, moment = Q(position=OuterRef("position")), Q(created_at=OuterRef("created_at"))
    before = (
        EventType.objects.active()
        .order_by()
        .filter(
            Q(position__lt=OuterRef("position"))
            | place & Q(created_at__lt=OuterRef("created_at"))
            | place & moment & Q(id__lt=OuterRef("id")),
            organizer=OuterRef("organizer"),
        )
    )
    count = before.values("organizer").values(number=Count("pk"))
    return LessThan(Coalesce(Subquery(count), 0), limit)
