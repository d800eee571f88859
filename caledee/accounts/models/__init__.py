"""Models of users, organizations and handles."""

from caledee.accounts.models.former_handles import HANDLE_RESTS, FormerHandle
from caledee.accounts.models.organizations import (
    INVITATION_LASTS,
    Invitation,
    InvitationQuerySet,
    Membership,
    Organization,
)
from caledee.accounts.models.pending_email import PendingEmail
from caledee.accounts.models.users import User, UserManager, UserQuerySet, default_plan, validate_time_zone
from caledee.accounts.roles import Role

__all__ = [
    "HANDLE_RESTS",
    "INVITATION_LASTS",
    "FormerHandle",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "Organization",
    "PendingEmail",
    "Role",
    "User",
    "UserManager",
    "UserQuerySet",
    "default_plan",
    "validate_time_zone",
]
