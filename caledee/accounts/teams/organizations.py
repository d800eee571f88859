"""Create, rename and delete organizations. Every change, members included, locks the organization's row first."""

import uuid
from datetime import datetime

from django.db import transaction

from caledee.accounts.emails import ORGANIZATION_DELETED
from caledee.accounts.handles.register import (
    HandleTaken,
    find_obstacle,
    free_handle,
    lock_handles,
    remember_handle,
    take_handle,
)
from caledee.accounts.models import FormerHandle, Membership, Organization, Role, User
from caledee.accounts.outgoing import queue_email
from caledee.accounts.plans import Plan
from caledee.email.models import EmailRole


class NotAllowed(Exception):
    """The current role does not allow this."""


class NotMember(Exception):
    """This person is not a member, or the organization no longer exists."""


class PlanTooSmall(Exception):
    """Only the Team plan includes organizations and their members."""


def create_organization(founder: User, *, name: str, handle: str = "", now: datetime) -> Organization:
    """Create an organization owned by `founder`, who needs the Team plan. An empty handle is derived from the name.

    Locks the founder, then the handles. Raises PlanTooSmall or HandleTaken without writing anything.
    """
    with transaction.atomic():
        if User.objects.select_for_update(no_key=True).get(pk=founder.pk).plan != Plan.TEAM:
            raise PlanTooSmall
        lock_handles()
        handle = handle or free_handle(name)
        if obstacle := find_obstacle(handle, now=now):
            raise HandleTaken(obstacle)
        FormerHandle.objects.filter(handle=handle).delete()
        organization = Organization.objects.create(name=name, handle=handle, plan=Plan.TEAM, created_at=now)
        Membership.objects.create(organization=organization, user=founder, role=Role.OWNER)
    return organization


def rename_organization(organization: Organization, *, by: User, name: str, handle: str, now: datetime) -> None:
    """Rename it. Owners only. Raises NotMember, NotAllowed or HandleTaken without writing anything."""
    with transaction.atomic():
        locked, roles = lock_organization(organization.pk)
        require_role(roles, by, Role.OWNER)
        take_handle(locked, handle, now=now)
        locked.name = name
        locked.save(update_fields=["name"])


def delete_organization(organization: Organization, *, by: User, now: datetime) -> None:
    """Delete it. Owners only. Members are notified and keep their accounts, meetings and event types, and the handle
    stays reserved for a while. Raises NotMember or NotAllowed.
    """
    with transaction.atomic():
        locked, roles = lock_organization(organization.pk)
        require_role(roles, by, Role.OWNER)
        lock_handles()
        remember_handle(locked, locked.handle, now=now)
        announce_deletion(locked, by=by, now=now)
        locked.delete()


def announce_deletion(organization: Organization, *, by: User, now: datetime) -> None:
    """Queue an email to each member except `by`. Call it before the deletion, in the same transaction."""
    facts = {"organization": organization.name, "by": by.name}
    for member in organization.members.filter(is_active=True).exclude(pk=by.pk).order_by("pk"):
        queue_email(
            ORGANIZATION_DELETED,
            member.email,
            facts,
            now=now,
            person=member,
            name=organization.name,
            role=EmailRole.MEMBER,
        )


def lock_organization(key: uuid.UUID) -> tuple[Organization, dict[uuid.UUID, Role]]:
    """Lock the row until the transaction ends, and return it with the current role of each member.

    FOR UPDATE also keeps new members from joining. Raises NotMember if the organization is gone.
    """
    organization = Organization.objects.select_for_update().filter(pk=key).first()
    if organization is None:
        raise NotMember
    roles = organization.memberships.values_list("user_id", "role")
    return organization, {person: Role(role) for person, role in roles}


def require_role(roles: dict[uuid.UUID, Role], person: User, *allowed: Role) -> Role:
    """Return the person's role. Raises NotMember, or NotAllowed unless it is one of `allowed`."""
    role = roles.get(person.pk)
    if role is None:
        raise NotMember
    if role not in allowed:
        raise NotAllowed
    return role
