"""Where everything that happens to a booking or a one-off meeting is recorded.

    record(Booked(booking), now=now)

adds the line to the history and calls the listeners, in the transaction of the change. Emails are the first listener.
Each app adds its listeners in its module `listeners`, which is loaded when the app is:

    listen_to(Booked, queue_confirmations)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from caledee.accounts.models import User
from scheduling.bookings.activity import Facts
from scheduling.models import Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the history says about an event. `subject` is the ID of a booking or a one-off meeting, `name` its name.

    `by` is a user on the organizer side, or the name of an invitee, or None if nobody did it.
    """

    kind: str
    subject: UUID
    name: str
    organizer: User
    by: User | str | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Subclasses say what it was and what it happened to."""

    def line(self) -> Line | None:
        """Return what the history says, or None if it doesn't mention the event."""
        return None


@dataclass(frozen=True, slots=True)
class Entry:
    """When an event was recorded, and the ID of its line in the history, if it has one."""

    at: datetime
    line_id: int | None


_listeners: list[Callable[[Event, Entry], None]] = []


def listen_to[Heard: Event](kind: type[Heard], listener: Callable[[Heard, Entry], None]) -> Callable[[], None]:
    """Have `listener` called with every event of this kind or a subclass. Returns a function that stops it.

    Listeners are called in the order in which they were added.
    """

    def hand_on(event: Event, entry: Entry) -> None:
        if isinstance(event, kind):
            listener(event, entry)

    _listeners.append(hand_on)
    return lambda: _listeners.remove(hand_on)


def record(event: Event, *, now: datetime) -> None:
    """Add the event to the history and call its listeners.

    Raises what a listener raises, which rolls back the transaction that `event` is part of.
    """
    with transaction.atomic(savepoint=False):
        line = event.line()
        entry = Entry(now, _write(line, now) if line else None)
        for hand_on in _listeners:
            hand_on(event, entry)


def _write(line: Line, now: datetime) -> int:
    written = Activity.objects.create(
        kind=line.kind,
        subject=line.subject,
        name=line.name,
        organizer=line.organizer,
        by=line.by if isinstance(line.by, User) else None,
        by_name=line.by.name if isinstance(line.by, User) else line.by or "",
        at=now,
        facts=line.facts,
    )
    return written.pk
