"""Queueing emails about teams: an invitation, a new role, a removal."""

from datetime import datetime

from caledee.accounts.emails import AccountEmail
from caledee.accounts.models import Invitation, Organization, User
from caledee.accounts.tasks import send_invitation, send_removal, send_role
from caledee.accounts.teams.emails import invitation_id, removal_id, role_id
from caledee.email.models import EmailRole
from caledee.email.outbox import Outgoing, queue_emails
from caledee.email.text import one_line


def queue_invitation(invitation: Invitation) -> None:
    email = Outgoing(
        subject=invitation.pk,
        name=one_line(invitation.organization.name),
        kind=AccountEmail.INVITATION,
        role=EmailRole.INVITED,
        address=invitation.email,
        message_id=invitation_id(invitation),
        job={"invitation_id": str(invitation.pk)},
    )
    queue_emails(send_invitation, [email], now=invitation.created_at)


def queue_role(organization: Organization, person: User, *, now: datetime) -> None:
    """The email says the role that the person has when it is sent."""
    message_id = role_id(organization.pk, person.pk, now)
    queue_emails(send_role, [_to_member(organization, person, AccountEmail.ROLE, message_id, now)], now=now)


def queue_removal(organization: Organization, person: User, *, now: datetime) -> None:
    message_id = removal_id(organization.pk, person.pk, now)
    queue_emails(send_removal, [_to_member(organization, person, AccountEmail.REMOVAL, message_id, now)], now=now)


def _to_member(
    organization: Organization, person: User, kind: AccountEmail, message_id: str, now: datetime
) -> Outgoing:
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
