"""Invite people to an organization by email, resend, withdraw and accept invitations.

Inviting never reveals whether an address has an account. Each function locks the organization first.
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
    """The owner of this address is already a member."""


class InvitationClosed(Exception):
    """The invitation was accepted or withdrawn, or has expired."""


class WrongAddress(Exception):
    """The account's confirmed email is not the invited one."""


def invite(organization: Organization, email: str, role: Role, *, by: User, now: datetime) -> tuple[Invitation, bool]:
    """Create an invitation and queue its email. Also returns whether it replaced an open one.

    Raises NotMember, NotAllowed, PlanTooSmall or AlreadyMember.
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
    """Replace the invitation by one with a new link. Raises InvitationClosed, and the errors of `invite`."""
    with transaction.atomic():
        lock_organization(invitation.organization_id)
        invitation.refresh_from_db()
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationClosed
        made, _ = invite(invitation.organization, invitation.email, Role(invitation.role), by=by, now=now)
    return made


def withdraw_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Withdraw the invitation permanently. Raises NotMember, NotAllowed, or InvitationClosed if it was accepted."""
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
    """Add `person`, whose confirmed email must be the invited one. Existing members stay unchanged.

    Accepting one's invitation again changes nothing. Raises NotMember if the organization is gone, InvitationClosed or
    WrongAddress.
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
    """Return whether the person has confirmed the invited email."""
    confirmed = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return invitation.email.lower() in {email.lower() for email in confirmed}
