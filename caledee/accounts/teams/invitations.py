"""Inviting people into an organization by email: invite, send again, withdraw, accept.

Whether an address has an account is nothing that inviting tells, or asks. Each locks the organization first.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from caledee.accounts.models import Invitation, Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.accounts.teams.organizations import NotAllowed, PlanTooSmall, lock_organization, require_role
from caledee.accounts.teams.outgoing import queue_invitation
from caledee.accounts.teams.rights import roles_to_give


class AlreadyMember(Exception):
    """Whoever has this address is in the organization."""


class InvitationClosed(Exception):
    """It was accepted, withdrawn, or ran out."""


class WrongAddress(Exception):
    """The account's confirmed address is not the one that was invited."""


def invite(organization: Organization, email: str, role: Role, *, by: User, now: datetime) -> tuple[Invitation, bool]:
    """Invite whoever has this address, and queue the mail. Also says whether an open invitation gave way to it.

    Raises NotMember, NotAllowed, PlanTooSmall, or AlreadyMember.
    """
    email = email.lower()
    with transaction.atomic():
        locked, roles = lock_organization(organization.pk)
        own = require_role(roles, by, *Role.administrators())
        if role not in roles_to_give(own):
            raise NotAllowed
        if locked.plan != Plan.TEAM:
            raise PlanTooSmall
        if locked.members.filter(email__iexact=email).exists():
            raise AlreadyMember
        unused = locked.invitations.filter(email=email, accepted_at=None, withdrawn_at=None)
        was_open = unused.pending(now).exists()
        unused.update(withdrawn_at=now)
        made = Invitation.objects.create(organization=locked, email=email, role=role, invited_by=by, created_at=now)
        queue_invitation(made)
    return made, was_open


def resend_invitation(invitation: Invitation, *, by: User, now: datetime) -> Invitation:
    """By a new link, valid from now on; the old one works no more. Raises InvitationClosed, and what `invite` does."""
    with transaction.atomic():
        lock_organization(invitation.organization_id)
        invitation.refresh_from_db()
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationClosed
        made, _ = invite(invitation.organization, invitation.email, Role(invitation.role), by=by, now=now)
    return made


def withdraw_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Once withdrawn it stays so. Raises NotMember, NotAllowed, or InvitationClosed where it was accepted."""
    with transaction.atomic():
        _, roles = lock_organization(invitation.organization_id)
        own = require_role(roles, by, *Role.administrators())
        if invitation.role not in roles_to_give(own):
            raise NotAllowed
        invitation.refresh_from_db()
        if invitation.accepted_at:
            raise InvitationClosed
        if not invitation.withdrawn_at:
            invitation.withdrawn_at = now
            invitation.save(update_fields=["withdrawn_at"])


def accept_invitation(invitation: Invitation, person: User, *, now: datetime) -> Membership:
    """Let `person` in, whose confirmed address must be the invited one. Who is in already stays as they are.

    Accepting again what one accepted changes nothing. Raises NotMember where the organization is gone,
    InvitationClosed, or WrongAddress.
    """
    with transaction.atomic():
        organization, roles = lock_organization(invitation.organization_id)
        invitation.refresh_from_db()
        if not is_for(invitation, person):
            raise WrongAddress
        accepted_before = invitation.accepted_at is not None and person.pk in roles
        if not accepted_before and not invitation.is_pending(now):
            raise InvitationClosed
        if not accepted_before:
            invitation.accepted_at = now
            invitation.save(update_fields=["accepted_at"])
        membership, _ = Membership.objects.get_or_create(
            organization=organization, user=person, defaults={"role": invitation.role}
        )
    return membership


def is_for(invitation: Invitation, person: User) -> bool:
    """Whether a confirmed address of the person's is the invited one."""
    confirmed = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return invitation.email.lower() in {email.lower() for email in confirmed}
