"""Compose a person's calendar feed: meetings are confirmed events, held times are tentative ones.

This way calendar apps show held times without Caledee writing to them.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings

from caledee.accounts.models import User
from caledee.email.text import one_line
from oneoff.models import OneOffMeeting
from scheduling.availability.taken import Taken, read_holds
from scheduling.feeds.entries import booked_entries, last_change
from scheduling.feeds.ical import FEED_FORMAT, CalendarEntry, write_feed
from scheduling.models import CalendarFeed


@dataclass(frozen=True, slots=True)
class WrittenFeed:
    """A feed whose content is only written on demand, because most requests just compare the `etag`.

    The `etag` changes with the content. `changed_at` is when the content last changed.
    """

    name: str
    entries: Sequence[CalendarEntry]
    changed_at: datetime

    @property
    def etag(self) -> str:
        return sha256(repr((FEED_FORMAT, self.name, self.entries)).encode()).hexdigest()

    @property
    def content(self) -> bytes:
        return write_feed(self.name, self.entries)


def compose_feed(feed: CalendarFeed, *, now: datetime) -> WrittenFeed:
    """Return the feed at `now`. Until something changes, its bytes stay the same."""
    person = feed.user
    held = list(held_entries(person, now=now))
    entries = [*booked_entries(person, now=now), *held]
    changes = [feed.changed_at, *last_change(person, now=now), *(entry.changed_at for entry in held)]
    return WrittenFeed(f"Caledee: {person.name}", entries, max(changes))


def held_entries(person: User, *, now: datetime) -> Iterator[CalendarEntry]:
    """Yield each time held for `person`, as organizer or cohost, in order of start. Two queries."""
    holds = read_holds(person, now=now)
    one_offs = OneOffMeeting.objects.in_bulk([hold.claim for hold in holds])
    return (_entry_of(hold, one_offs[hold.claim]) for hold in holds if hold.claim in one_offs)


def _entry_of(hold: Taken, one_off: OneOffMeeting) -> CalendarEntry:
    """Describe a hold. It never moves: its one-off and start identify it, and their digest reveals neither."""
    start = hold.period.start.astimezone(UTC)
    return CalendarEntry(
        uid=str(uuid.uuid5(one_off.pk, f"{start:%Y%m%dT%H%M%SZ}")),
        period=hold.period,
        summary=f"Held: {one_line(one_off.name)}",
        created_at=one_off.created_at,
        changed_at=one_off.created_at,
        # The page for hosts, not the link, which allows booking.
        link=f"{settings.BASE_URL}{one_off.get_absolute_url()}",
        is_tentative=True,
    )
