"""Rows of the team page, ready for the template. Three queries for any number of members."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from caledee.accounts.models import Membership, Role
from caledee.accounts.plans import Plan
from caledee.accounts.teams.rights import may_administer, may_manage, roles_to_give
from caledee.email.undelivered import reasons_undelivered
from caledee.timekeeping.wording import say_moment

ORDER = {role: place for place, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A member. `page`, `email`, `one_off` (the link to create one for them) and `manage` are for owners and admins,
    `manage` only for members that they can manage.
    """

    name: str
    role: str
    time_zone: str
    is_self: bool
    email: str = ""
    page: str = ""
    link: str = ""
    one_off: str = ""
    manage: str = ""


@dataclass(frozen=True, slots=True)
class InvitationRow:
    key: str
    email: str
    role: str
    valid_until: str
    has_expired: bool
    invited_by: str
    undelivered: str = ""
    resend: str = ""
    withdraw: str = ""


def team_rows(own: Membership) -> list[PersonRow]:
    """Return all members, owners first, then by name."""
    memberships = own.organization.memberships.select_related("user").order_by("user__name", "user_id")
    return [_person_row(each, own) for each in sorted(memberships, key=lambda each: ORDER[Role(each.role)])]


def invitation_rows(own: Membership, *, now: datetime) -> list[InvitationRow]:
    """Return open invitations for owners and admins, including expired ones, which can be sent again."""
    if not may_administer(own.role):
        return []
    unused = own.organization.invitations.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by")
    giving = roles_to_give(own.role)
    reasons = reasons_undelivered(each.pk for each in unused)
    rows = []
    for each in unused:
        address = [own.organization_id, each.pk]
        mine = each.role in giving
        rows.append(
            InvitationRow(
                key=str(each.pk),
                email=each.email,
                role=Role(each.role).label,
                valid_until=say_moment(each.expires_at, own.user.zone),
                has_expired=not each.is_pending(now),
                invited_by=each.invited_by.name if each.invited_by else "",
                undelivered=reasons.get(each.pk, ""),
                resend=reverse("team:resend", args=address) if mine and may_invite(own) else "",
                withdraw=reverse("team:withdraw", args=address) if mine else "",
            )
        )
    return rows


def may_invite(own: Membership) -> bool:
    return may_administer(own.role) and own.organization.plan == Plan.TEAM


def _person_row(membership: Membership, own: Membership) -> PersonRow:
    person = membership.user
    row = PersonRow(
        name=person.name,
        role=Role(membership.role).label,
        time_zone=person.place,
        is_self=person.pk == own.user_id,
    )
    if not may_administer(own.role):
        return row
    address = [own.organization_id, person.pk]
    page = person.get_absolute_url()
    return replace(
        row,
        email=person.email,
        page=page,
        link=f"{settings.BASE_URL}{page}",
        one_off=f"{reverse('oneoff:create')}?organizer={person.handle}",
        manage=reverse("team:teammate", args=address) if may_manage(own.role, membership.role) else "",
    )
