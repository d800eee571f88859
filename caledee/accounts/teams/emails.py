"""What the emails about teams say: an invitation, a new role, a removal."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from caledee.accounts.emails import WHAT_IS_KEPT
from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.email.messages import Email, Row, name_message
from caledee.email.text import one_line
from caledee.timekeeping.wording import say_start

WHAT_ROLES_MAY = {
    Role.OWNER: "Owners manage members, the name and ownership.",
    Role.ADMIN: "Admins invite and manage members, and create one-off meetings for them.",
    Role.MEMBER: "Members can see the team.",
}


def invitation_id(invitation: Invitation) -> str:
    return name_message("invitation", invitation.pk)


def role_id(organization: UUID, person: UUID, at: datetime) -> str:
    return name_message("role", organization, person, _seconds(at))


def removal_id(organization: UUID, person: UUID, at: datetime) -> str:
    return name_message("removal", organization, person, _seconds(at))


def write_invitation(invitation: Invitation) -> Email:
    inviter, name = invitation.invited_by, one_line(invitation.organization.name)
    inviter_name = one_line(inviter.name) if inviter else "A member"
    role = Role(invitation.role)
    return Email(
        to=invitation.email,
        subject=f"Invitation to {name} on Caledee",
        state="Invitation",
        heading=name,
        opening=f"{inviter_name} invites you to join {name} on Caledee, a scheduling app.",
        rows=[
            Row("Your role", [role.label, WHAT_ROLES_MAY[role]]),
            Row("For this address only", [invitation.email]),
            Row("Valid until", [say_expiry(invitation)]),
        ],
        action="View invitation",
        link=f"{settings.BASE_URL}{reverse('team:invitation', args=[invitation.token])}",
        why="You're receiving this email because someone on Caledee entered this address. If you don't know them, you "
        "can ignore it.",
        message_id=invitation_id(invitation),
        sender_name=inviter_name if inviter else "",
        reply_to=(inviter_name, inviter.email) if inviter else None,
    )


def write_role(membership: Membership, at: datetime) -> Email:
    name, role = one_line(membership.organization.name), Role(membership.role)
    return Email(
        to=membership.user.email,
        subject=f"Your role in {name}",
        state="Role changed",
        heading=name,
        opening=f"Your role in {name} is now {role.label}.",
        rows=[Row("What that means", [WHAT_ROLES_MAY[role]])],
        action="View team",
        link=f"{settings.BASE_URL}{reverse('team:organization', args=[membership.organization_id])}",
        why=f"You're receiving this email because you are in {name}.",
        message_id=role_id(membership.organization_id, membership.user_id, at),
    )


def write_removal(organization: Organization, person: User, at: datetime) -> Email:
    name = one_line(organization.name)
    return Email(
        to=person.email,
        subject=f"You are no longer in {name}",
        state="Team",
        heading=name,
        opening=f"You were removed from the team of {name}.",
        rows=[Row("What stays yours", [WHAT_IS_KEPT])],
        action="Open Caledee",
        link=f"{settings.BASE_URL}/",
        why=f"You're receiving this email because you were in {name}.",
        message_id=removal_id(organization.pk, person.pk, at),
    )


def say_expiry(invitation: Invitation) -> str:
    """Format it in UTC: the zone of people without an account is unknown."""
    return say_start(invitation.expires_at, ZoneInfo("UTC"))


def _seconds(at: datetime) -> str:
    """Format a moment for a Message-ID."""
    return f"{at.timestamp():.6f}"
