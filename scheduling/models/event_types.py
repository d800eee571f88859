import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.urls import reverse

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import ACTIVE_EVENT_TYPE_LIMITS, Plan
from scheduling.models.meeting import LONGEST_BUFFER, LONGEST_DURATION, SHORTEST_DURATION, ZERO, MeetingDetails

MOST_HOSTS = 20
HIGHEST_LIMIT = 100
validate_event_type_slug = RegexValidator(r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Use a to z, digits and single hyphens.")


class EventTypeKind(models.TextChoices):
    ONE_ON_ONE = "one_on_one", "One-on-one"
    COLLECTIVE = "collective", "Collective"
    ROUND_ROBIN = "round_robin", "Round-robin"


class EventTypeQuerySet(models.QuerySet["EventType"]):
    def active(self) -> "EventTypeQuerySet":
        """Return active event types. Whether they can be booked also depends on the plan: see `bookable`."""
        return self.filter(paused_at=None)

    def bookable(self) -> "EventTypeQuerySet":
        """Return active event types within the limit of the organizer's plan, in the organizer's order.

        Computed, not stored: it takes effect at once when a plan changes or a person leaves an organization.
        """
        return self.active().filter(_has_room())

    def with_bookability(self) -> "EventTypeQuerySet":
        """Annotate each with `is_bookable`, by the rule of `bookable`."""
        condition = ExpressionWrapper(Q(paused_at=None) & _has_room(), output_field=BooleanField())
        return self.annotate(is_bookable=condition)  # type: ignore[no-redef]  # declared by the model, for readers

    def of(self, organizer: User) -> "EventTypeQuerySet":
        return self.filter(organizer=organizer)

    def of_organizations(self) -> "EventTypeQuerySet":
        """Return event types of organizations with the Team plan. Without it, they are paused."""
        return self.filter(organization__plan=Plan.TEAM)

    def managed_by(self, user: User) -> "EventTypeQuerySet":
        """Return the user's own event types, and those of organizations in which they are an owner or admin."""
        administered = user.memberships.filter(role__in=Role.administrators())
        return self.filter(Q(organizer=user) | Q(organization__in=administered.values("organization")))


class EventType(MeetingDetails):
    """A reusable kind of meeting with its own page. `paused_at` makes it inactive.

    A one-on-one belongs to its organizer. Team event types belong to an organization, and hosts take their meetings.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=EventTypeKind, default=EventTypeKind.ONE_ON_ONE)
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="event_types"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="event_types"
    )
    hosts: "models.ManyToManyField[User, EventTypeHost]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="EventTypeHost", related_name="hosted_event_types"
    )
    slug = models.CharField(
        max_length=60,
        validators=[validate_event_type_slug],
    )
    before_buffer = models.DurationField(default=ZERO)
    after_buffer = models.DurationField(default=ZERO)
    minimum_notice = models.DurationField(default=ZERO)
    booking_window = models.DurationField(default=timedelta(days=60), help_text="whole days, counted from today")
    start_increment = models.DurationField(default=timedelta(minutes=30))
    # How many meetings can be booked on one day, and by one invitee at a time. None is unlimited.
    daily_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    invitee_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    # If the plan's limit is lower than the number of active event types, the first in this order can be booked.
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)

    is_bookable: bool  # set only by `with_bookability`

    objects = EventTypeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at", "id"]
        constraints = [
            *MeetingDetails.Meta.constraints,
            models.UniqueConstraint(
                fields=["organizer", "slug"],
                name="event_type_slug_unique",
                violation_error_message="Another of your event types has this address.",
            ),
            models.UniqueConstraint(
                fields=["organization", "slug"],
                name="event_type_organization_slug_unique",
                violation_error_message="Another event type of this organization has this address.",
            ),
            models.CheckConstraint(
                condition=Q(kind=EventTypeKind.ONE_ON_ONE, organizer__isnull=False, organization=None)
                | Q(
                    kind__in=[EventTypeKind.COLLECTIVE, EventTypeKind.ROUND_ROBIN],
                    organizer=None,
                    organization__isnull=False,
                ),
                name="event_type_of_person_or_organization",
                violation_error_message="A one-on-one has an organizer, the other kinds an organization.",
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
                condition=(Q(daily_limit=None) | Q(daily_limit__range=(1, HIGHEST_LIMIT)))
                & (Q(invitee_limit=None) | Q(invitee_limit__range=(1, HIGHEST_LIMIT))),
                name="event_type_limits_range",
            ),
            models.CheckConstraint(
                condition=Q(start_increment__gte=timedelta(minutes=5)),
                name="event_type_start_increment_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:event_type_page", args=[self.owner.handle, self.slug])

    @property
    def owner(self) -> User | Organization:
        """Return the person or organization whose page shows it."""
        owner = self.organizer or self.organization
        assert owner is not None, "ensured by the constraint event_type_of_person_or_organization"
        return owner

    @property
    def is_for_a_team(self) -> bool:
        return self.kind != EventTypeKind.ONE_ON_ONE

    @property
    def is_paused_by_plan(self) -> bool:
        """Return whether its organization's plan excludes team event types, so it cannot be booked even if active."""
        return self.organization is not None and self.organization.plan != Plan.TEAM

    @property
    def is_active(self) -> bool:
        return self.paused_at is None

    def has_room(self) -> bool:
        """Return whether the plan's limit includes this event type, like `bookable` but for a single loaded instance.

        Annotating it would cost more than all other queries of the page. Makes no query if the organizer's own plan is
        unlimited, otherwise at most two.
        """
        if self.organizer is None:
            return not self.is_paused_by_plan
        limit = self.organizer.active_event_type_limit
        if limit is None:
            return True
        others = EventType.objects.active().of(self.organizer)
        return others.filter(_is_before(self.position, self.created_at, self.pk)).count() < limit


class EventTypeHostQuerySet(models.QuerySet["EventTypeHost"]):
    def counting(self) -> "EventTypeHostQuerySet":
        """Return hosts who have an account and are members of the organization today. Others take no new meetings."""
        return self.filter(user__is_active=True, user__memberships__organization=F("event_type__organization"))


class EventTypeHost(models.Model):
    """A host of a team event type, in order. The first host of a collective one is the organizer of its meetings."""

    event_type = models.ForeignKey(EventType, on_delete=models.CASCADE, related_name="host_rows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="host_rows")
    position = models.PositiveSmallIntegerField()

    objects = EventTypeHostQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["event_type", "user"], name="event_type_host_unique"),
            models.UniqueConstraint(fields=["event_type", "position"], name="event_type_host_position_unique"),
            # Together with the constraint above, this limits the number of hosts.
            models.CheckConstraint(condition=Q(position__lt=MOST_HOSTS), name="event_type_host_position_range"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.event_type}"


def _has_room() -> Q:
    """Return the condition that a plan includes this event type: the organizer's own plan or an organization's, or the
    plan of the organization that owns it.

    Uses only subqueries, no joins, so the rows can be locked.
    """
    room = Q(Exists(Organization.objects.filter(pk=OuterRef("organization"), plan=Plan.TEAM)))
    for limit in set(ACTIVE_EVENT_TYPE_LIMITS.values()):
        plans = [plan for plan in Plan if ACTIVE_EVENT_TYPE_LIMITS[plan] == limit]
        room |= _has_plan(plans) if limit is None else _has_plan(plans) & Q(_fewer_before_it_than(limit))
    return room


def _has_plan(plans: list[Plan]) -> Q:
    own = User.objects.filter(pk=OuterRef("organizer"), plan__in=plans)
    shared = Membership.objects.filter(user=OuterRef("organizer"), organization__plan__in=plans)
    return Q(Exists(own)) | Q(Exists(shared))


def _is_before(position: object, created_at: object, key: object) -> Q:
    """Return the condition that a row comes earlier by `Meta.ordering`."""
    place, moment = Q(position=position), Q(created_at=created_at)
    return Q(position__lt=position) | place & Q(created_at__lt=created_at) | place & moment & Q(id__lt=key)


def _fewer_before_it_than(limit: int) -> LessThan:
    """Count the organizer's active event types that come earlier in their order."""
    others = EventType.objects.active().order_by().filter(organizer=OuterRef("organizer"))
    before = others.filter(_is_before(OuterRef("position"), OuterRef("created_at"), OuterRef("id")))
    count = before.values("organizer").values(number=Count("pk"))
    return LessThan(Coalesce(Subquery(count), 0), limit)
