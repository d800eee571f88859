import uuid
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.handles.names import validate_handle
from caledee.accounts.plans import ACTIVE_EVENT_TYPE_LIMITS, Plan
from caledee.accounts.preferences import ROOM_TEMPLATE_MAX_LENGTH, ColorScheme, ReminderLead, usual_reminders
from caledee.accounts.roles import Role
from caledee.email.addresses import MailboxColumn, read_address
from caledee.places.names import name_of_zone
from caledee.timekeeping.clock import Clock, WeekStart
from caledee.timekeeping.zones import is_zone_name


def validate_time_zone(name: str) -> None:
    if not is_zone_name(name):
        raise ValidationError("Choose a time zone from the list, such as Europe/London.", code="invalid_time_zone")


def default_plan() -> str:
    return settings.DEFAULT_PLAN


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=read_address(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a staff account with a confirmed email. Raises ValidationError."""
        user = self.model(email=email.lower(), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            user.confirm_email()
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=read_address(email or "").lower())


class UserQuerySet(models.QuerySet["User"]):
    def organized_by(self, user: "User") -> "UserQuerySet":
        """Return the people for whom `user` can create and manage meetings: themselves, and members of the
        organizations in which they are an owner or admin.
        """
        administered = user.memberships.filter(role__in=Role.administrators())
        teammates = self.model.objects.filter(memberships__organization__in=administered.values("organization"))
        # A union looks up people by index, while an "or" would scan all of them.
        oneself = self.model.objects.filter(pk=user.pk)
        return self.filter(pk__in=oneself.values("pk").union(teammates.values("pk")))


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = MailboxColumn("email", max_length=254)
    name = models.CharField(max_length=100)
    handle = models.CharField(max_length=40, validators=[validate_handle])
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    plan = models.CharField(max_length=10, choices=Plan, default=default_plan)
    clock = models.CharField(max_length=2, choices=Clock, default=Clock.TWENTY_FOUR)
    week_start = models.PositiveSmallIntegerField(choices=WeekStart, default=WeekStart.MONDAY)
    color_scheme = models.CharField(max_length=6, choices=ColorScheme, default=ColorScheme.SYSTEM)
    # Minutes before a meeting when reminders are sent, to the user and to their invitees.
    own_reminders = ArrayField(models.PositiveIntegerField(), default=usual_reminders, blank=True)
    invitee_reminders = ArrayField(models.PositiveIntegerField(), default=usual_reminders, blank=True)
    # The address of a new video room for each booking (scheduling.rooms), or empty if the user sends a link each time.
    room_template = models.CharField(max_length=ROOM_TEMPLATE_MAX_LENGTH, blank=True, default="", db_default="")
    # When the first steps were done or skipped. Until then, they are offered.
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    # When the user deleted the account. Its rows remain until the emails about it are sent, to `closed_email`: the
    # email itself is free for a new account.
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_email = models.EmailField(max_length=254, blank=True, editable=False)
    is_staff = models.BooleanField(default=False)
    # Included in the session hash: increasing it ends all sessions.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "handle", "time_zone"]

    class Meta:
        # Handles are looked up as written, but the index of the constraint below is on their lower case.
        indexes = [models.Index(fields=["handle"], name="user_handle")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="An account with this email address already exists.",
            ),
            models.UniqueConstraint(
                Lower("handle"), name="user_handle_unique", violation_error_message="This handle is already taken."
            ),
            models.CheckConstraint(
                condition=models.Q(handle__regex=r"^[a-z0-9-]{3,40}$"),
                name="user_handle_form",
                violation_error_message="Use 3 to 40 characters: letters a to z, digits and hyphens.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    clock__in=Clock.values, week_start__in=WeekStart.values, color_scheme__in=ColorScheme.values
                ),
                name="user_preferences_known",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_email="")
                | models.Q(closed_at__isnull=False, is_active=False),
                name="user_closed_is_inactive",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    own_reminders__contained_by=ReminderLead.values,
                    invitee_reminders__contained_by=ReminderLead.values,
                ),
                name="user_reminders_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:public_page", args=[self.handle])

    def get_session_auth_hash(self) -> str:
        return self._with_generation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._with_generation, super().get_session_auth_fallback_hash())

    def _with_generation(self, session_hash: str) -> str:
        """Add the generation. The first one adds nothing, so sessions from before it existed stay valid."""
        generation = self.session_generation
        return sha256(f"{session_hash}.{generation}".encode()).hexdigest() if generation else session_hash

    def confirm_email(self) -> bool:
        """Confirm the email without sending one. Return False if it is already confirmed."""
        addresses = self.emailaddress_set  # type: ignore[attr-defined]  # allauth's, which has no types
        with transaction.atomic():
            addresses.exclude(email=self.email).delete()
            if addresses.filter(verified=True, primary=True).exists():
                return False
            addresses.update_or_create(email=self.email, defaults={"verified": True, "primary": True})
        return True

    @property
    def mailbox(self) -> str:
        """Return the email address for emails and calendars."""
        return self.closed_email or self.email

    @property
    def place(self) -> str:
        """Return the name of the user's time zone, such as `New York`."""
        return name_of_zone(self.time_zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def active_event_type_limit(self) -> int | None:
        """Return how many event types can be active, by the user's plan or an organization's. None is unlimited.

        Does not query organizations if the user's own plan is unlimited.
        """
        if ACTIVE_EVENT_TYPE_LIMITS[Plan(self.plan)] is None:
            return None
        plans = {Plan(self.plan)} | {
            Plan(plan) for plan in self.memberships.values_list("organization__plan", flat=True)
        }
        limits = [ACTIVE_EVENT_TYPE_LIMITS[plan] for plan in plans]
        known = [limit for limit in limits if limit is not None]
        return max(known) if len(known) == len(limits) else None
