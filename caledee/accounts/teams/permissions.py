"""Permissions in organizations, checked on each request with the current roles.

For everyone else, an organization and its contents do not exist: 404. Members get 403 for what their role does not
allow.
"""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from caledee.accounts.models import Invitation, Membership, Role, User
from caledee.accounts.teams.rights import may_administer, may_manage, roles_to_give


def own_memberships(user: User) -> QuerySet[Membership]:
    """Return the user's memberships, by organization name."""
    return user.memberships.select_related("organization").order_by("organization__name", "organization_id")


def find_membership(user: User, key: UUID) -> Membership:
    """Return the user's own membership in this organization."""
    membership = get_object_or_404(Membership.objects.select_related("organization"), organization_id=key, user=user)
    membership.user = user
    return membership


def find_as_administrator(user: User, key: UUID) -> Membership:
    membership = find_membership(user, key)
    if not may_administer(membership.role):
        raise PermissionDenied
    return membership


def find_as_owner(user: User, key: UUID) -> Membership:
    membership = find_membership(user, key)
    if membership.role != Role.OWNER:
        raise PermissionDenied
    return membership


def find_managed(own: Membership, key: UUID) -> Membership:
    """Return the membership of a person that `own` can manage."""
    others = Membership.objects.select_related("user", "organization")
    membership = get_object_or_404(others, organization_id=own.organization_id, user_id=key)
    if not may_manage(own.role, membership.role):
        raise PermissionDenied
    return membership


def find_invitation(own: Membership, key: UUID) -> Invitation:
    """Return an invitation of the organization that is neither accepted nor withdrawn."""
    unused = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("organization")
    invitation = get_object_or_404(unused, organization_id=own.organization_id, pk=key)
    if invitation.role not in roles_to_give(own.role):
        raise PermissionDenied
    return invitation


def find_invitation_by_token(token: str) -> Invitation:
    """Return an invitation by its secret link, used or not."""
    return get_object_or_404(Invitation.objects.select_related("organization"), token=token)
