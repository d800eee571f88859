import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from caledee.accounts.handles.names import validate_handle
from caledee.accounts.models.users import User, default_plan
from caledee.accounts.plans import Plan
from caledee.accounts.roles import Role
from caledee.web.tokens import make_token

INVITATION_LASTS = timedelta(days=7)


class Organization(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    handle = models.CharField(max_length=40, validators=[validate_handle])
    plan = models.CharField(max_length=10, choices=Plan, default=default_plan)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="organizations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["handle"], name="organization_handle")]
        constraints = [
            models.UniqueConstraint(
                Lower("handle"),
                name="organization_handle_unique",
                violation_error_message="This handle is already taken.",
            ),
            models.CheckConstraint(
                condition=Q(handle__regex=r"^[a-z0-9-]{3,40}$"),
                name="organization_handle_form",
                violation_error_message="Use 3 to 40 characters: letters a to z, digits and hyphens.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scheduling:public_page", args=[self.handle])


class Membership(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} ({self.role})"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self, now: datetime) -> "InvitationQuerySet":
        """Return invitations that are not accepted, withdrawn or expired."""
        return self.filter(accepted_at=None, withdrawn_at=None, created_at__gt=now - INVITATION_LASTS)


class Invitation(models.Model):
    """A single-use invitation to an organization for one email address. It expires after INVITATION_LASTS.

    Sending it again withdraws it and creates another, so only the newest link works.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="invitations_sent"
    )
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_per_email",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"

    @property
    def expires_at(self) -> datetime:
        return self.created_at + INVITATION_LASTS

    def is_pending(self, now: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and now < self.expires_at
