"""Manage members of an organization: change roles, remove, leave, transfer ownership.

Each function locks the organization and reads all roles again before it writes: if two owners leave simultaneously,
one stays. Each raises NotMember, if one of the people is not in it, or NotAllowed.
"""

import uuid
from datetime import datetime

from django.db import transaction

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.teams.organizations import NotAllowed, NotMember, lock_organization, require_role
from caledee.accounts.teams.outgoing import queue_removal, queue_role
from caledee.accounts.teams.rights import may_manage, roles_to_give

Roles = dict[uuid.UUID, Role]


class LastOwner(Exception):
    """An organization must have an owner, so the only one cannot leave or change roles."""


def change_role(organization: Organization, person: User, role: Role, *, by: User, now: datetime) -> None:
    """Change a role. Owners can change every role, admins those of members and admins. Raises LastOwner."""
    with transaction.atomic():
        _, roles = lock_organization(organization.pk)
        old = _require_power(roles, by, person)
        if role not in roles_to_give(roles[by.pk]):
            raise NotAllowed
        if role == old:
            return
        if role != Role.OWNER:
            _require_other_owner(roles, person)
        _give(organization, person, role)
        _notify_of_role(organization, person, by, now)


def transfer_ownership(organization: Organization, heir: User, *, by: User, now: datetime) -> None:
    """Make another member the owner. The previous owner becomes an admin."""
    with transaction.atomic():
        _, roles = lock_organization(organization.pk)
        require_role(roles, by, Role.OWNER)
        if heir.pk not in roles:
            raise NotMember
        if heir.pk == by.pk:
            raise NotAllowed
        _give(organization, heir, Role.OWNER)
        _give(organization, by, Role.ADMIN)
        if roles[heir.pk] != Role.OWNER:
            _notify_of_role(organization, heir, by, now)


def remove_member(organization: Organization, person: User, *, by: User, now: datetime) -> None:
    """Remove a member. Owners can remove everyone, admins members and admins. Raises LastOwner."""
    with transaction.atomic():
        _, roles = lock_organization(organization.pk)
        _require_power(roles, by, person)
        _require_other_owner(roles, person)
        Membership.objects.filter(organization=organization, user=person).delete()
        if person.pk != by.pk:
            queue_removal(organization, person, now=now)


def leave_organization(organization: Organization, person: User) -> None:
    """Leave the organization. Raises LastOwner."""
    with transaction.atomic():
        _, roles = lock_organization(organization.pk)
        require_role(roles, person, *Role)
        _require_other_owner(roles, person)
        Membership.objects.filter(organization=organization, user=person).delete()


def _require_power(roles: Roles, by: User, person: User) -> Role:
    """Return the role of `person`. Raises NotAllowed if `by` cannot manage them."""
    own = require_role(roles, by, *Role)
    role = require_role(roles, person, *Role)
    if not may_manage(own, role):
        raise NotAllowed
    return role


def _require_other_owner(roles: Roles, person: User) -> None:
    """Raise LastOwner if `person` is the only owner."""
    if [key for key, role in roles.items() if role == Role.OWNER] == [person.pk]:
        raise LastOwner


def _give(organization: Organization, person: User, role: Role) -> None:
    Membership.objects.filter(organization=organization, user=person).update(role=role)


def _notify_of_role(organization: Organization, person: User, by: User, now: datetime) -> None:
    if person.pk != by.pk:
        queue_role(organization, person, now=now)
