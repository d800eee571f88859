"""The sections of the event types list: one for each of the user's organizations."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from caledee.accounts.models import Membership, Role, User
from caledee.accounts.plans import Plan
from caledee.timekeeping.wording import say_duration, say_names
from scheduling.availability.hosts import hosts_by_event_type
from scheduling.models import EventType, EventTypeKind

NO_HOST = "It has no hosts left, so it can't be booked."


@dataclass(frozen=True, slots=True)
class TeamRow:
    key: str
    name: str
    kind: str
    duration: str
    hosts: str
    is_active: bool
    is_host: bool
    can_be_booked: bool
    path: str
    link: str


@dataclass(frozen=True, slots=True)
class TeamSection:
    """`is_managed`: this user can edit it. `is_paused`: the organization's plan pauses its event types."""

    name: str
    path: str
    link: str
    is_managed: bool
    is_paused: bool
    rows: Sequence[TeamRow]


def memberships_of(user: User) -> list[Membership]:
    memberships = user.memberships.select_related("organization")
    return list(memberships.order_by("organization__name", "organization__handle"))


def may_create_for_teams(memberships: Sequence[Membership]) -> bool:
    return any(_is_managed(each) and each.organization.plan == Plan.TEAM for each in memberships)


def team_sections(user: User, memberships: Sequence[Membership]) -> list[TeamSection]:
    """Return what the user administers in each organization, or hosts as a member. Two queries."""
    if not memberships:
        return []
    organizations = [membership.organization for membership in memberships]
    event_types = list(EventType.objects.filter(organization__in=organizations).select_related("organization"))
    hosts = hosts_by_event_type(event_types)
    sections = [_section(user, membership, event_types, hosts) for membership in memberships]
    return [section for section in sections if section.rows]


def _section(
    user: User, membership: Membership, event_types: Sequence[EventType], hosts: dict[UUID, list[User]]
) -> TeamSection:
    organization = membership.organization
    rows = [
        _row(user, event_type, hosts.get(event_type.pk, []))
        for event_type in event_types
        if event_type.organization_id == organization.pk
    ]
    is_managed = _is_managed(membership)
    return TeamSection(
        name=organization.name,
        path=organization.get_absolute_url(),
        link=f"{settings.BASE_URL}{organization.get_absolute_url()}",
        is_managed=is_managed,
        is_paused=organization.plan != Plan.TEAM,
        rows=[row for row in rows if is_managed or row.is_host],
    )


def _row(user: User, event_type: EventType, hosts: Sequence[User]) -> TeamRow:
    path = event_type.get_absolute_url()
    return TeamRow(
        key=str(event_type.pk),
        name=event_type.name,
        kind=event_type.get_kind_display(),
        duration=say_duration(event_type.duration),
        hosts=_say_hosts(event_type, hosts),
        is_active=event_type.is_active,
        is_host=user in hosts,
        can_be_booked=event_type.is_active and not event_type.is_paused_by_plan and bool(hosts),
        path=path,
        link=f"{settings.BASE_URL}{path}",
    )


def _say_hosts(event_type: EventType, hosts: Sequence[User]) -> str:
    if not hosts:
        return NO_HOST
    names = say_names([host.name for host in hosts])
    return f"One of {names}" if event_type.kind == EventTypeKind.ROUND_ROBIN and len(hosts) > 1 else names


def _is_managed(membership: Membership) -> bool:
    return membership.role in Role.administrators()
