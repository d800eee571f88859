"""Choose the host of the next meeting of a round-robin event type.

Of the hosts who are free at the time, it is the one with the least booked time in the week of the meeting (Monday to
Sunday in UTC, all bookings count). If several are equal, it is the one whose last booking of this event type was made
longest ago, ignoring cancelled ones (a host without any comes first), and then the first in the order of hosts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Max

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period, clip
from scheduling.availability.taken import TakenKind, read_taken
from scheduling.models import ZERO, Booking, EventType

NEVER = datetime.min.replace(tzinfo=UTC)
ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turn:
    """The criteria for one host: booked time in the week, and the time of their last booking of this event type."""

    booked: timedelta
    last_booked_at: datetime | None


def next_host(hosts: Sequence[User], event_type: EventType, meeting: Period, *, now: datetime) -> User:
    """Choose one of `hosts`, who are all free then and in order. Lock them if the choice must last. Two queries."""
    week = week_of(meeting.start)
    booked = _booked_time(hosts, week, now)
    last = _last_bookings(hosts, event_type)
    turns = [Turn(booked.get(host.pk, ZERO), last.get(host.pk)) for host in hosts]
    return hosts[first_turn(turns)]


def first_turn(turns: Sequence[Turn]) -> int:
    """Return the index of the host whose turn it is. Pure."""
    return min(range(len(turns)), key=lambda n: (turns[n].booked, turns[n].last_booked_at or NEVER, n))


def week_of(moment: datetime) -> Period:
    """Return the week of the moment, Monday to Sunday in UTC."""
    day = moment.astimezone(UTC).date()
    monday = day - timedelta(days=day.weekday())
    return Period.lasting(datetime.combine(monday, time.min, UTC), ONE_WEEK)


def _booked_time(hosts: Sequence[User], week: Period, now: datetime) -> dict[UUID, timedelta]:
    booked: dict[UUID, timedelta] = {}
    for taken in read_taken(hosts, week, now=now):
        if taken.kind is TakenKind.BOOKING:
            (within,) = clip([taken.period], week)
            booked[taken.person] = booked.get(taken.person, ZERO) + within.duration
    return booked


def _last_bookings(hosts: Sequence[User], event_type: EventType) -> dict[UUID, datetime]:
    rows = Booking.objects.confirmed().filter(event_type=event_type, organizer__in=hosts)
    return dict(rows.order_by().values_list("organizer").annotate(last=Max("created_at")))
