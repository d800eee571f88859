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

    def of_organizations(self) -> "EventTypeQuerySet":
        """Those of organizations whose plan has event types for teams; where the plan ends, they pause."""
        return self.filter(organization__plan=Plan.TEAM)

    def managed_by(self, user: User) -> "EventTypeQuerySet":
        """A person's own, and those of the organizations in which they are owner or admin now."""
        administered = user.memberships.filter(role__in=Role.administrators())
        return self.filter(Q(organizer=user) | Q(organization__in=administered.values("organization")))


class EventType(MeetingDetails):
    """A reusable kind of meeting with a page of its own. It is switched off by `paused_at`, on by clearing it.

    A one-on-one is its organizer's. The kinds for teams are an organization's, and their meetings are taken by hosts.
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
    # How many meetings of it may be booked on one day, and by one invitee at a time; None for as many as fit.
    daily_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    invitee_limit = models.PositiveSmallIntegerField(null=True, blank=True)
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
        """On whose page it is."""
        owner = self.organizer or self.organization
        assert owner is not None, "held by the constraint event_type_of_person_or_organization"
        return owner

    @property
    def is_for_a_team(self) -> bool:
        return self.kind != EventTypeKind.ONE_ON_ONE

    @property
    def is_paused_by_plan(self) -> bool:
        """Whether its organization's plan has no event types for teams, so that nobody can book it, on or off."""
        return self.organization is not None and self.organization.plan != Plan.TEAM

    @property
    def is_active(self) -> bool:
        return self.paused_at is None

    def has_room(self) -> bool:
        """Whether a plan has room for it, as `bookable` has it: for a single one that is at hand, with its owner.

        To ask for it in the query costs more than the rest of the page's queries together. Asks nothing where the
        organizer's own plan has no limit, else at most twice.
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
        """Those who have an account and belong to the organization today: who left takes no more meetings for it."""
        return self.filter(user__is_active=True, user__memberships__organization=F("event_type__organization"))


class EventTypeHost(models.Model):
    """Somebody who takes the meetings of an organization's event type, in an order: of a collective one the first is
    the organizer of its meetings."""

    event_type = models.ForeignKey(EventType, on_delete=models.CASCADE, related_name="host_rows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="host_rows")
    position = models.PositiveSmallIntegerField()

    objects = EventTypeHostQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["event_type", "user"], name="event_type_host_unique"),
            models.UniqueConstraint(fields=["event_type", "position"], name="event_type_host_position_unique"),
            # With the one above it, no event type has more hosts.
            models.CheckConstraint(condition=Q(position__lt=MOST_HOSTS), name="event_type_host_position_range"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.event_type}"


def _has_room() -> Q:
    """Whether the organizer's own plan, or that of an organization of theirs, has room for this event type; and for
    one of an organization, whether its plan has any.

    Only subqueries, no joins: the rows can be locked.
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
    """In the order of `Meta.ordering`."""
    place, moment = Q(position=position), Q(created_at=created_at)
    return Q(position__lt=position) | place & Q(created_at__lt=created_at) | place & moment & Q(id__lt=key)


def _fewer_before_it_than(limit: int) -> LessThan:
    """Of the organizer's event types that are on, in the order that the organizer gave them."""
    others = EventType.objects.active().order_by().filter(organizer=OuterRef("organizer"))
    before = others.filter(_is_before(OuterRef("position"), OuterRef("created_at"), OuterRef("id")))
    count = before.values("organizer").values(number=Count("pk"))
    return LessThan(Coalesce(Subquery(count), 0), limit)
