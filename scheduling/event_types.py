"""Writing event types: create, change, switch on and off, put in order, delete. Each locks the organizer first, so
that two writes at once can neither pass a plan's limit together nor meet a booking half-way. One for a team has no
organizer and no limit: there the event type itself is locked, as each booking of it does after the hosts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.errors import UniqueViolation

from caledee.accounts.models import User
from scheduling.availability.hosts import set_hosts
from scheduling.availability.ledger import lock_organizers
from scheduling.models import EventType, EventTypeQuerySet


class LimitReached(Exception):
    """The organizer's plan allows no further event type to be on. `limit` is how many it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the plan allows {limit}")
        self.limit = limit


class AddressTaken(Exception):
    """Another event type of this organizer, or of this organization, has this slug."""


def create_event_type(
    event_type: EventType, *, hosts: Sequence[User] = (), active: bool = True, now: datetime
) -> EventType:
    """Save a new event type, on or off; one for a team with its hosts in their order. Raises LimitReached or
    AddressTaken; nothing is written then."""
    with transaction.atomic():
        organizer = _lock(event_type)
        if active:
            _check_limit(organizer)
        event_type.position = _last_position(event_type) + 1
        event_type.created_at = now
        event_type.paused_at = None if active else now
        with _naming_taken_addresses():
            event_type.save(force_insert=True)
        if event_type.is_for_a_team:
            set_hosts(event_type, hosts)
    return event_type


def change_event_type(event_type: EventType, *, hosts: Sequence[User] = (), active: bool, now: datetime) -> EventType:
    """Save what was changed of its settings and of a team's hosts, and switch it on or off. Raises LimitReached or
    AddressTaken; ObjectNotUpdated where it is deleted meanwhile."""
    kept = {"id", "position", "created_at", "paused_at"}
    fields = {field.attname for field in EventType._meta.concrete_fields} - kept
    with transaction.atomic():
        organizer = _lock(event_type)
        with _naming_taken_addresses():
            event_type.save(update_fields=fields)
        if event_type.is_for_a_team:
            set_hosts(event_type, hosts)
        if active:
            _turn_on(event_type, organizer)
        else:
            _turn_off(event_type, now)
    return event_type


def switch_on(event_type: EventType) -> None:
    """Let people book it. What is on already stays so. Raises LimitReached."""
    with transaction.atomic():
        _turn_on(event_type, _lock(event_type))


def switch_off(event_type: EventType, *, now: datetime) -> None:
    """Let nobody book it any more; what is booked stays. What is off already stays off since when it was."""
    with transaction.atomic():
        _lock(event_type)
        _turn_off(event_type, now)


def move_event_type(event_type: EventType, *, up: bool) -> None:
    """Let it change places with the one before or after it in its owner's order; at the end it stays."""
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
    """Delete it; its bookings stay. With the organizer locked, or all who take its meetings, no booking is on its way
    meanwhile."""
    with transaction.atomic():
        if event_type.is_for_a_team:
            lock_organizers(_everybody_in(event_type))
        _lock(event_type)
        event_type.delete()


def _lock(event_type: EventType) -> User | None:
    if event_type.organizer_id:
        return lock_organizers([event_type.organizer_id])[0]
    EventType.objects.select_for_update(no_key=True).filter(pk=event_type.pk).first()
    return None


def _everybody_in(event_type: EventType) -> set[UUID]:
    """Its hosts, and those who take part in what is booked of it."""
    booked = event_type.bookings.order_by()
    return {
        *event_type.host_rows.order_by().values_list("user", flat=True),
        *booked.values_list("organizer", flat=True),
        *booked.filter(cohosts__isnull=False).values_list("cohosts", flat=True),
    }


def _beside(event_type: EventType) -> EventTypeQuerySet:
    """All of the same organizer or organization."""
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
    """Of a person: an organization has event types as far as its plan has any, however many."""
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
