"""What is mailed about belonging to an organization: an invitation, another role, the end of it.

A job names no address and no token. It looks at everything afresh when it runs, which may be much later, or twice.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.mail import QUEUE, Letter, PatientRetry, Row, deliver, name_message
from caledee.plain_text import one_line

WHAT_ROLES_MAY = {
    Role.OWNER: "Owners do everything: people, names, ownership.",
    Role.ADMIN: "Admins invite and manage people, and create one-off meetings for them.",
    Role.MEMBER: "Members see who is in the team.",
}


def announce_invitation(invitation: Invitation) -> None:
    mail_invitation.defer(invitation_id=str(invitation.pk))


def announce_role(organization: Organization, person: User, *, now: datetime) -> None:
    """Queue the mail that tells of the role that the person has by now."""
    mail_role.defer(organization_id=str(organization.pk), user_id=str(person.pk), at=now.isoformat())


def announce_removal(organization: Organization, person: User, *, now: datetime) -> None:
    mail_removal.defer(organization_id=str(organization.pk), user_id=str(person.pk), at=now.isoformat())


@app.task(name="accounts.mail_invitation", queue=QUEUE, retry=PatientRetry())
def mail_invitation(invitation_id: str) -> None:
    """Nothing is sent where it was withdrawn or accepted meanwhile, or has run out."""
    found = Invitation.objects.select_related("organization", "invited_by").filter(pk=invitation_id).first()
    if found is not None and found.is_pending(timezone.now()):
        deliver(write_invitation(found))


@app.task(name="accounts.mail_role", queue=QUEUE, retry=PatientRetry())
def mail_role(organization_id: str, user_id: str, at: str) -> None:
    """Says the role that the person has when it is sent; nothing to somebody who is gone."""
    memberships = Membership.objects.select_related("organization", "user")
    found = memberships.filter(organization_id=organization_id, user_id=user_id).first()
    if found is not None:
        deliver(write_role(found, at))


@app.task(name="accounts.mail_removal", queue=QUEUE, retry=PatientRetry())
def mail_removal(organization_id: str, user_id: str, at: str) -> None:
    """Nothing is sent to somebody who is back, or where the organization is gone."""
    organization = Organization.objects.filter(pk=organization_id).first()
    person = User.objects.filter(pk=user_id).first()
    if organization and person and not organization.memberships.filter(user=person).exists():
        deliver(write_removal(organization, person, at))


def write_invitation(invitation: Invitation) -> Letter:
    inviter, name = invitation.invited_by, one_line(invitation.organization.name)
    inviter_name = one_line(inviter.name) if inviter else "Somebody of the organization"
    role = Role(invitation.role)
    return Letter(
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
        why="You get this mail because somebody at Caledee typed this address. If you don't know them, there is "
        "nothing to do.",
        message_id=name_message("invitation", invitation.pk),
        sender_name=inviter_name if inviter else "",
        reply_to=(inviter_name, inviter.email) if inviter else None,
    )


def write_role(membership: Membership, at: str) -> Letter:
    name, role = one_line(membership.organization.name), Role(membership.role)
    return Letter(
        to=membership.user.email,
        subject=f"Your role in {name}",
        state="Role changed",
        heading=name,
        opening=f"Your role in {name} is {role.label} now.",
        rows=[Row("What that means", [WHAT_ROLES_MAY[role]])],
        action="See the team",
        link=f"{settings.BASE_URL}{reverse('team:organization', args=[membership.organization_id])}",
        why=f"You get this mail because you are in {name}.",
        message_id=name_message("role", membership.organization_id, membership.user_id, at_seconds(at)),
    )


def write_removal(organization: Organization, person: User, at: str) -> Letter:
    name = one_line(organization.name)
    return Letter(
        to=person.email,
        subject=f"You are no longer in {name}",
        state="Team",
        heading=name,
        opening=f"You were removed from the team of {name}.",
        rows=[Row("What stays yours", ["Your account, your event types, your meetings and your one-off meetings."])],
        action="Open Caledee",
        link=f"{settings.BASE_URL}/",
        why=f"You get this mail because you were in {name}.",
        message_id=name_message("removal", organization.pk, person.pk, at_seconds(at)),
    )


def say_utc(moment: datetime) -> str:
    """Of people who have no account yet the zone is not known."""
    local = moment.astimezone(UTC)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} UTC"


def at_seconds(at: str) -> str:
    """A moment as a part of a Message-ID."""
    return f"{datetime.fromisoformat(at).timestamp():.6f}"
