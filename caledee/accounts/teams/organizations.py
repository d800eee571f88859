"""Writing organizations: create, rename, delete. Whoever changes one, or who is in it, locks its row first."""

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
    """The role of whoever asks, as it is now, does not allow it."""


class NotMember(Exception):
    """This person is not in the organization, or there is no such organization any more."""


class PlanTooSmall(Exception):
    """Only the plan Team makes room for an organization and for more people in it."""


def create_organization(founder: User, *, name: str, handle: str = "", now: datetime) -> Organization:
    """With `founder`, whose own plan must be Team, as its owner. Left empty, the handle is made from the name.

    Locks the founder, then the handles. Raises PlanTooSmall or HandleTaken; nothing is written then.
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
    """Owners do. Raises NotMember, NotAllowed or HandleTaken; nothing is written then."""
    with transaction.atomic():
        locked, roles = lock_organization(organization.pk)
        require_role(roles, by, Role.OWNER)
        take_handle(locked, handle, now=now)
        locked.name = name
        locked.save(update_fields=["name"])


def delete_organization(organization: Organization, *, by: User, now: datetime) -> None:
    """Owners do. Its people are notified, and keep their accounts, meetings and event types; its handle rests. Raises
    NotMember, NotAllowed."""
    with transaction.atomic():
        locked, roles = lock_organization(organization.pk)
        require_role(roles, by, Role.OWNER)
        lock_handles()
        remember_handle(locked, locked.handle, now=now)
        announce_deletion(locked, by=by, now=now)
        locked.delete()


def announce_deletion(organization: Organization, *, by: User, now: datetime) -> None:
    """Queue an email to each member but `by`, before the organization is deleted in the same transaction."""
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
    """Lock its row until the transaction ends; return it afresh, with the role of each of its people.

    FOR UPDATE: nobody joins meanwhile either. Raises NotMember where it is gone.
    """
    organization = Organization.objects.select_for_update().filter(pk=key).first()
    if organization is None:
        raise NotMember
    roles = organization.memberships.values_list("user_id", "role")
    return organization, {person: Role(role) for person, role in roles}


def require_role(roles: dict[uuid.UUID, Role], person: User, *allowed: Role) -> Role:
    """The person's role, which is one of these. Raises NotMember or NotAllowed."""
    role = roles.get(person.pk)
    if role is None:
        raise NotMember
    if role not in allowed:
        raise NotAllowed
    return role
