"""The hosts of team event types, read each time because people leave organizations."""

from collections.abc import Collection, Sequence
from uuid import UUID

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_count, say_names
from scheduling.models import MOST_HOSTS, EventType, EventTypeHost, EventTypeKind

SCHEDULE = "user__schedule"
MOST_NAMES = 4


def hosts_of(event_type: EventType) -> list[User]:
    """Return the current hosts in order, with their schedules loaded: finding slots then only queries taken time.

    Always three queries.
    """
    rows = (
        EventTypeHost.objects.counting()
        .filter(event_type=event_type)
        .select_related(SCHEDULE)
        .prefetch_related(f"{SCHEDULE}__weekly_hours", f"{SCHEDULE}__date_overrides")
    )
    return [row.user for row in rows]


def hosts_by_event_type(event_types: Collection[EventType]) -> dict[UUID, list[User]]:
    """Return the current hosts of several event types, in order. Omits those without any. One query."""
    if not event_types:
        return {}
    hosts: dict[UUID, list[User]] = {}
    for row in EventTypeHost.objects.counting().filter(event_type__in=event_types).select_related("user"):
        hosts.setdefault(row.event_type_id, []).append(row.user)
    return hosts


def members_among(event_type: EventType, people: Sequence[User]) -> list[User]:
    """Return those of `people` who have an account and are members of the organization, with their schedules loaded.

    Keeps the given order. Three queries.
    """
    members = (
        User.objects.filter(pk__in=[person.pk for person in people], is_active=True)
        .filter(memberships__organization=event_type.organization_id)
        .select_related("schedule")
        .prefetch_related("schedule__weekly_hours", "schedule__date_overrides")
    )
    found = {member.pk: member for member in members}
    return [found[person.pk] for person in people if person.pk in found]


def set_hosts(event_type: EventType, hosts: Sequence[User]) -> None:
    """Set the hosts, in this order. The event type's row must be locked, or new."""
    assert 1 <= len(hosts) <= MOST_HOSTS, "what people type is checked by the form"
    event_type.host_rows.all().delete()
    EventTypeHost.objects.bulk_create(
        EventTypeHost(event_type=event_type, user=host, position=position) for position, host in enumerate(hosts)
    )


def say_hosts(event_type: EventType, hosts: Sequence[User]) -> str:
    """Return whom an invitee meets, to follow "with": all hosts, or one who is not chosen yet."""
    if event_type.kind == EventTypeKind.ROUND_ROBIN:
        return f"someone from {event_type.owner.name}"
    names = [host.name for host in hosts]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [say_count(len(names) - MOST_NAMES + 1, "other")]
    return say_names(names)
