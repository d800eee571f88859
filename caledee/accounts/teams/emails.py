"""What is mailed about belonging to an organization: an invitation, another role, the end of it.

A job names no address and no token. It looks at everything afresh when it runs, which may be much later, or twice.
What becomes of each is in its record, as for all emails (caledee/email/outbox.py).
"""

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.email.messages import QUEUE, Email, PatientRetry, Row, name_message
from caledee.email.models import EmailKind, EmailRole
from caledee.email.outbox import Outgoing, queue_emails, recorded
from caledee.email.text import one_line

WHAT_ROLES_MAY = {
    Role.OWNER: "Owners do everything: people, names, ownership.",
    Role.ADMIN: "Admins invite and manage people, and create one-off meetings for them.",
    Role.MEMBER: "Members see who is in the team.",
}


def announce_invitation(invitation: Invitation) -> None:
    mail = Outgoing(
        subject=invitation.pk,
        name=one_line(invitation.organization.name),
        kind=EmailKind.INVITATION,
        role=EmailRole.INVITED,
        address=invitation.email,
        message_id=invitation_id(invitation),
        job={"invitation_id": str(invitation.pk)},
    )
    queue_emails(send_invitation, [mail], now=invitation.created_at)


def announce_role(organization: Organization, person: User, *, now: datetime) -> None:
    """Queue the email that tells of the role that the person has by now."""
    message_id = role_id(organization.pk, person.pk, now)
    queue_emails(send_role, [_to_member(organization, person, EmailKind.ROLE, message_id, now)], now=now)


def announce_removal(organization: Organization, person: User, *, now: datetime) -> None:
    message_id = removal_id(organization.pk, person.pk, now)
    queue_emails(send_removal, [_to_member(organization, person, EmailKind.REMOVAL, message_id, now)], now=now)


@app.task(name="accounts.mail_invitation", queue=QUEUE, retry=PatientRetry())
@recorded
def send_invitation(invitation_id: str) -> Email | None:
    """Nothing is sent where it was withdrawn or accepted meanwhile, or has run out."""
    found = Invitation.objects.select_related("organization", "invited_by").filter(pk=invitation_id).first()
    return write_invitation(found) if found is not None and found.is_pending(timezone.now()) else None


@app.task(name="accounts.mail_role", queue=QUEUE, retry=PatientRetry())
@recorded
def send_role(organization_id: str, user_id: str, at: str) -> Email | None:
    """Says the role that the person has when it is sent; nothing to somebody who is gone."""
    memberships = Membership.objects.select_related("organization", "user")
    found = memberships.filter(organization_id=organization_id, user_id=user_id).first()
    return write_role(found, datetime.fromisoformat(at)) if found is not None else None


@app.task(name="accounts.mail_removal", queue=QUEUE, retry=PatientRetry())
@recorded
def send_removal(organization_id: str, user_id: str, at: str) -> Email | None:
    """Nothing is sent to somebody who is back, or where the organization is gone."""
    organization = Organization.objects.filter(pk=organization_id).first()
    person = User.objects.filter(pk=user_id).first()
    if organization is None or person is None or organization.memberships.filter(user=person).exists():
        return None
    return write_removal(organization, person, datetime.fromisoformat(at))


def invitation_id(invitation: Invitation) -> str:
    return name_message("invitation", invitation.pk)


def role_id(organization: UUID, person: UUID, at: datetime) -> str:
    return name_message("role", organization, person, _seconds(at))


def removal_id(organization: UUID, person: UUID, at: datetime) -> str:
    return name_message("removal", organization, person, _seconds(at))


def write_invitation(invitation: Invitation) -> Email:
    inviter, name = invitation.invited_by, one_line(invitation.organization.name)
    inviter_name = one_line(inviter.name) if inviter else "Somebody of the organization"
    role = Role(invitation.role)
    return Email(
        to=invitation.email,
        subject=f"Invitation to {name} at Caledee",
        state="Invitation",
        heading=name,
        opening=f"{inviter_name} invites you to join the team of {name} at Caledee, a scheduler.",
        rows=[
            Row("Your role", [role.label, WHAT_ROLES_MAY[role]]),
            Row("For this address only", [invitation.email]),
            Row("Valid until", [say_utc(invitation.expires_at)]),
        ],
        action="See the invitation",
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
        opening=f"Your role in {name} is {role.label} now.",
        rows=[Row("What that means", [WHAT_ROLES_MAY[role]])],
        action="See the team",
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
        rows=[Row("What stays yours", ["Your account, your event types, your meetings and your one-off meetings."])],
        action="Open Caledee",
        link=f"{settings.BASE_URL}/",
        why=f"You're receiving this email because you were in {name}.",
        message_id=removal_id(organization.pk, person.pk, at),
    )


def say_utc(moment: datetime) -> str:
    """Of people who have no account yet the zone is not known."""
    local = moment.astimezone(UTC)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} UTC"


def _to_member(organization: Organization, person: User, kind: EmailKind, message_id: str, now: datetime) -> Outgoing:
    return Outgoing(
        subject=organization.pk,
        name=one_line(organization.name),
        kind=kind,
        role=EmailRole.MEMBER,
        person=person,
        address=person.email,
        message_id=message_id,
        job={"organization_id": str(organization.pk), "user_id": str(person.pk), "at": now.isoformat()},
    )


def _seconds(at: datetime) -> str:
    """A moment as a part of a Message-ID."""
    return f"{at.timestamp():.6f}"
