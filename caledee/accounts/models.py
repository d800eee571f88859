import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.handles import validate_handle
from caledee.accounts.plans import ACTIVE_EVENT_TYPE_LIMITS, Plan
from caledee.zones import is_zone_name


def validate_time_zone(name: str) -> None:
    if not is_zone_name(name):
        raise ValidationError("Choose a time zone from the list, such as Europe/London.", code="invalid_time_zone")


def default_plan() -> str:
    return settings.DEFAULT_PLAN


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class UserQuerySet(models.QuerySet["User"]):
    def organized_by(self, user: "User") -> "UserQuerySet":
        """The people for whom `user` may create and manage meetings: themselves, and those of their organizations
        in which they are owner or admin."""
        administered = Membership.objects.filter(user=user, role__in=Role.administrators())
        teammates = Membership.objects.filter(organization__in=administered.values("organization"))
        return self.filter(models.Q(pk=user.pk) | models.Q(pk__in=teammates.values("user")))


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=100)
    handle = models.CharField(max_length=40, validators=[validate_handle])
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    plan = models.CharField(max_length=10, choices=Plan, default=default_plan)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "handle", "time_zone"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="This e-mail has an account already.",
            ),
            models.UniqueConstraint(
                Lower("handle"), name="user_handle_unique", violation_error_message="This name is taken."
            ),
            models.CheckConstraint(
                condition=models.Q(handle__regex=r"^[a-z0-9-]{3,40}$"),
                name="user_handle_form",
                violation_error_message="Use 3 to 40 of the letters a to z, digits and hyphens.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:public_page", args=[self.handle])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def active_event_type_limit(self) -> int | None:
        """How many event types may be on: the person's own plan, or that of an organization they belong to."""
        plans = {Plan(self.plan)} | {
            Plan(plan) for plan in self.memberships.values_list("organization__plan", flat=True)
        }
        limits = [ACTIVE_EVENT_TYPE_LIMITS[plan] for plan in plans]
        known = [limit for limit in limits if limit is not None]
        return max(known) if len(known) == len(limits) else None


class Organization(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    plan = models.CharField(max_length=10, choices=Plan, default=default_plan)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="organizations"
    )

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"

    @classmethod
    def administrators(cls) -> list["Role"]:
        """The roles that may act for the organization's other people."""
        return [cls.OWNER, cls.ADMIN]


class Membership(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} ({self.role})"


class PendingMail(models.Model):
    """A mail about somebody's account until it has gone out.

    The queue's jobs are logged and kept with all they are given; a code must be in neither, so a job names this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField(max_length=254)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind

    def is_useful(self, now: datetime) -> bool:
        """Whether sending it still helps: a code that has expired would only mislead."""
        return self.useful_until is None or now < self.useful_until
