"""How many connections and calendars a person can have, and how often they can connect."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from caledee.limits.counting import Counted, Limit
from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.rules import Reason, Refusal

MOST_CONNECTIONS = 10
MOST_COUNTING = 30
# Each new connection lets Caledee send requests to an address that someone typed.
CONNECTING = Limit("connecting_calendars", 20, timedelta(hours=1))
TOO_MANY_CONNECTIONS = f"You can connect up to {MOST_CONNECTIONS} accounts and addresses. Disconnect one first."
TOO_MANY_COUNTING = f"Up to {MOST_COUNTING} calendars can count. Stop counting another one first."


def connecting(person: UUID) -> list[Counted]:
    """Return the limits of new connections, and of new addresses and passwords for existing ones."""
    return [Counted(CONNECTING, (str(person),))]


def connection_refusals(person: UUID, field: str) -> Iterator[Refusal]:
    """Refuse one more connection than a person can have. The person must be locked."""
    if Connection.objects.filter(person=person).count() >= MOST_CONNECTIONS:
        yield Refusal(field, Reason.TOO_MANY, TOO_MANY_CONNECTIONS)


def counting_refusals(person: UUID) -> Iterator[Refusal]:
    """Refuse one more counting calendar than a person can have. The person must be locked."""
    if room_to_count(person) < 1:
        yield Refusal("counts", Reason.TOO_MANY, TOO_MANY_COUNTING)


def room_to_count(person: UUID) -> int:
    """Return how many more calendars of this person can count."""
    return MOST_COUNTING - OutsideCalendar.objects.counting().filter(person=person).count()
