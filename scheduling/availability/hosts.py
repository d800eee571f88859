"""Who takes the meetings of the event types for teams. Read anew each time: people leave organizations."""

from collections.abc import Collection, Sequence
from uuid import UUID

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_count, say_names
from scheduling.models import MOST_HOSTS, EventType, EventTypeHost, EventTypeKind

SCHEDULE = "user__schedule"
MOST_NAMES = 4


def hosts_of(event_type: EventType) -> list[User]:
    """Those who count, in their order, with their whole schedules, so that finding slots asks for nothing but busy
    time. Three queries, whatever their number."""
    rows = (
        EventTypeHost.objects.counting()
        .filter(event_type=event_type)
        .select_related(SCHEDULE)
        .prefetch_related(f"{SCHEDULE}__weekly_hours", f"{SCHEDULE}__date_overrides")
    )
    return [row.user for row in rows]


def hosts_by_event_type(event_types: Collection[EventType]) -> dict[UUID, list[User]]:
    """Those who count for each of several, in their order, in one query. Who has none is left out."""
    if not event_types:
        return {}
    hosts: dict[UUID, list[User]] = {}
    for row in EventTypeHost.objects.counting().filter(event_type__in=event_types).select_related("user"):
        hosts.setdefault(row.event_type_id, []).append(row.user)
    return hosts


def members_among(event_type: EventType, people: Sequence[User]) -> list[User]:
    """Those of `people` who have an account and belong to the event type's organization today, in the order given and
    with their whole schedules. Three queries."""
    members = (
        User.objects.filter(pk__in=[person.pk for person in people], is_active=True)
        .filter(memberships__organization=event_type.organization_id)
        .select_related("schedule")
        .prefetch_related("schedule__weekly_hours", "schedule__date_overrides")
    )
    found = {member.pk: member for member in members}
    return [found[person.pk] for person in people if person.pk in found]


def set_hosts(event_type: EventType, hosts: Sequence[User]) -> None:
    """Let these be its hosts, in this order. The event type's row is locked, or new."""
    assert 1 <= len(hosts) <= MOST_HOSTS, "what people type is checked by the form"
    event_type.host_rows.all().delete()
    EventTypeHost.objects.bulk_create(
        EventTypeHost(event_type=event_type, user=host, position=position) for position, host in enumerate(hosts)
    )


def say_hosts(event_type: EventType, hosts: Sequence[User]) -> str:
    """Whom an invitee meets, in words that go on after "with": everybody, or somebody who is not known yet."""
    if event_type.kind == EventTypeKind.ROUND_ROBIN:
        return f"somebody of {event_type.owner.name}"
    names = [host.name for host in hosts]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [say_count(len(names) - MOST_NAMES + 1, "other")]
    return say_names(names)
