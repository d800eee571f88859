"""Writing event types: create, change, switch on and off, reorder, delete.

Each function locks the organizer first: two writes at once can't both pass a plan's limit, or interfere with a
booking. An event type of a team has no organizer and no limit. There the event type itself is locked, as bookings do
after locking the hosts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.errors import UniqueViolation

from caledee.accounts.models import Organization, User
from scheduling.availability.hosts import set_hosts
from scheduling.availability.ledger import lock_organizers
from scheduling.event_type_rules import EventTypeDetails, event_type_refusals, host_refusals, possible_organizers
from scheduling.models import EventType, EventTypeKind, EventTypeQuerySet
from scheduling.rooms import room_refusals
from scheduling.rules import refuse_any


class LimitReached(Exception):
    """The organizer's plan allows no further active event type. `limit` is how many it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the plan allows {limit}")
        self.limit = limit


class AddressTaken(Exception):
    """Another event type of this organizer, or of this organization, has this slug."""


def create_event_type(
    details: EventTypeDetails,
    *,
    owner: User | Organization,
    kind: EventTypeKind = EventTypeKind.ONE_ON_ONE,
    hosts: Sequence[User] = (),
    active: bool = True,
    now: datetime,
) -> EventType:
    """Create an event type of a person, or one of an organization with its hosts in their order.

    Raises Refused, LimitReached or AddressTaken; nothing is written then.
    """
    refuse_any([*event_type_refusals(details), *room_refusals(details, possible_organizers(kind, owner, hosts))])
    event_type = EventType(kind=kind, created_at=now, paused_at=None if active else now)
    if isinstance(owner, User):
        event_type.organizer = owner
    else:
        event_type.organization = owner
    _apply(details, event_type)
    with transaction.atomic():
        organizer = _lock(event_type)
        if active:
            _check_limit(organizer)
        event_type.position = _last_position(event_type) + 1
        with _naming_taken_addresses():
            event_type.save(force_insert=True)
        _set_hosts(event_type, hosts)
    return event_type


def change_event_type(
    event_type: EventType, details: EventTypeDetails, *, hosts: Sequence[User] = (), active: bool, now: datetime
) -> EventType:
    """Give an event type these details, a team's also these hosts, and switch it on or off.

    Raises Refused, LimitReached or AddressTaken, and ObjectNotUpdated if it was deleted meanwhile; nothing is written
    then.
    """
    organizers = possible_organizers(event_type.kind, event_type.owner, hosts)
    refuse_any([*event_type_refusals(details), *room_refusals(details, organizers)])
    with transaction.atomic():
        organizer = _lock(event_type)
        changed = _apply(details, event_type)
        with _naming_taken_addresses():
            event_type.save(update_fields=changed)
        _set_hosts(event_type, hosts)
        if active:
            _turn_on(event_type, organizer)
        else:
            _turn_off(event_type, now)
    return event_type


def switch_on(event_type: EventType) -> None:
    """Let people book it. Raises LimitReached."""
    with transaction.atomic():
        _turn_on(event_type, _lock(event_type))


def switch_off(event_type: EventType, *, now: datetime) -> None:
    """Stop bookings of it. Existing bookings stay."""
    with transaction.atomic():
        _lock(event_type)
        _turn_off(event_type, now)


def move_event_type(event_type: EventType, *, up: bool) -> None:
    """Swap it with the one before or after it in its owner's order, if there is one."""
    with transaction.atomic():
        _lock(event_type)
        ordered = list(_beside(event_type))
        place = next((place for place, each in enumerate(ordered) if each.pk == event_type.pk), None)
        other = None if place is None else place + (-1 if up else 1)
        if place is None or other is None or not 0 <= other < len(ordered):
            return
        ordered[place], ordered[other] = ordered[other], ordered[place]
        for position, each in enumerate(ordered):
            each.position = position
        EventType.objects.bulk_update(ordered, ["position"])


def delete_event_type(event_type: EventType) -> None:
    """Delete it; its bookings stay.

    Locks the organizer, or everyone who takes its meetings: no booking can be in progress.
    """
    with transaction.atomic():
        if event_type.is_for_a_team:
            lock_organizers(_everybody_in(event_type))
        _lock(event_type)
        event_type.delete()


def _apply(details: EventTypeDetails, event_type: EventType) -> list[str]:
    """Set the details, and return the names of the fields."""
    values = asdict(details) | {"location": details.cleaned_location}
    for name, value in values.items():
        setattr(event_type, name, value)
    return list(values)


def _set_hosts(event_type: EventType, hosts: Sequence[User]) -> None:
    """Set the hosts of a team's event type. Its row is locked, or new."""
    if event_type.organization is not None:
        refuse_any(host_refusals(event_type.organization, hosts))
        set_hosts(event_type, hosts)


def _lock(event_type: EventType) -> User | None:
    if event_type.organizer_id:
        return lock_organizers([event_type.organizer_id])[0]
    EventType.objects.select_for_update(no_key=True).filter(pk=event_type.pk).first()
    return None


def _everybody_in(event_type: EventType) -> set[UUID]:
    """Return its hosts and the participants of its bookings."""
    booked = event_type.bookings.order_by()
    return {
        *event_type.host_rows.order_by().values_list("user", flat=True),
        *booked.values_list("organizer", flat=True),
        *booked.filter(cohosts__isnull=False).values_list("cohosts", flat=True),
    }


def _beside(event_type: EventType) -> EventTypeQuerySet:
    """Return all event types of the same owner."""
    return EventType.objects.filter(organizer=event_type.organizer_id, organization=event_type.organization_id)


def _last_position(event_type: EventType) -> int:
    last = _beside(event_type).aggregate(last=Max("position"))["last"]
    return last or 0


def _turn_on(event_type: EventType, organizer: User | None) -> None:
    paused = EventType.objects.filter(pk=event_type.pk, paused_at__isnull=False)
    if paused.exists():
        _check_limit(organizer)
        paused.update(paused_at=None)


def _turn_off(event_type: EventType, now: datetime) -> None:
    EventType.objects.active().filter(pk=event_type.pk).update(paused_at=now)


def _check_limit(organizer: User | None) -> None:
    """Raise LimitReached if this person has no room for one more. Organizations have no limit."""
    if organizer is None:
        return
    limit = organizer.active_event_type_limit
    if limit is not None and EventType.objects.active().of(organizer).count() >= limit:
        raise LimitReached(limit)


@contextmanager
def _naming_taken_addresses() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise AddressTaken from error
        raise
