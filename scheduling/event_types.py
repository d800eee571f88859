"""Writing event types: create, change, switch on and off, put in order, delete. Each locks the organizer first, so
that two writes at once can neither pass a plan's limit together nor meet a booking half-way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from psycopg.errors import UniqueViolation

from caledee.accounts.models import User
from scheduling.busy import lock_organizers
from scheduling.models import EventType


class LimitReached(Exception):
    """The organizer's plan allows no further event type to be on. `limit` is how many it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the plan allows {limit}")
        self.limit = limit


class AddressTaken(Exception):
    """Another event type of this organizer has this slug."""


def create_event_type(event_type: EventType, *, active: bool = True, now: datetime) -> EventType:
    """Save a new event type, on or off. Raises LimitReached or AddressTaken; nothing is written then."""
    with transaction.atomic():
        organizer = _lock(event_type)
        if active:
            _check_limit(organizer)
        event_type.position = _last_position(organizer) + 1
        event_type.created_at = now
        event_type.paused_at = None if active else now
        with _naming_taken_addresses():
            event_type.save(force_insert=True)
    return event_type


def change_event_type(event_type: EventType, *, active: bool, now: datetime) -> EventType:
    """Save what was changed of its settings, and switch it on or off. Raises LimitReached or AddressTaken."""
    kept = {"id", "position", "created_at", "paused_at"}
    fields = {field.attname for field in EventType._meta.concrete_fields} - kept
    with transaction.atomic():
        organizer = _lock(event_type)
        with _naming_taken_addresses():
            event_type.save(update_fields=fields)
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
    """Let it change places with the one before or after it in its organizer's order; at the end it stays."""
    with transaction.atomic():
        organizer = _lock(event_type)
        ordered = list(EventType.objects.of(organizer))
        place = next((place for place, each in enumerate(ordered) if each.pk == event_type.pk), None)
        other = None if place is None else place + (-1 if up else 1)
        if place is None or other is None or not 0 <= other < len(ordered):
            return
        ordered[place], ordered[other] = ordered[other], ordered[place]
        for position, each in enumerate(ordered):
            each.position = position
        EventType.objects.bulk_update(ordered, ["position"])


def delete_event_type(event_type: EventType) -> None:
    """Delete it; its bookings stay. With the organizer locked no booking of it is on its way meanwhile."""
    with transaction.atomic():
        _lock(event_type)
        event_type.delete()


def _lock(event_type: EventType) -> User:
    return lock_organizers([event_type.organizer_id])[0]


def _last_position(organizer: User) -> int:
    last = EventType.objects.of(organizer).aggregate(last=Max("position"))["last"]
    return last or 0


def _turn_on(event_type: EventType, organizer: User) -> None:
    paused = EventType.objects.filter(pk=event_type.pk, paused_at__isnull=False)
    if paused.exists():
        _check_limit(organizer)
        paused.update(paused_at=None)


def _turn_off(event_type: EventType, now: datetime) -> None:
    EventType.objects.active().filter(pk=event_type.pk).update(paused_at=now)


def _check_limit(organizer: User) -> None:
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
