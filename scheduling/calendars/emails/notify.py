"""Notify people when connected calendars close their pages, when they open again, and when to reconnect.

Looked for once a minute. A row of `ClosedPages` stands for pages that are closed and known to be. What is claimed here
is claimed once, in the transaction that queues the emails about it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from caledee.accounts.models import User
from caledee.email.models import EmailRole
from caledee.email.outbox import Outgoing
from caledee.email.text import one_line
from scheduling.calendars.emails.messages import CalendarEmail, closed_id, opened_id, reconnect_id, reminder_id
from scheduling.calendars.models import ClosedPages, Connection, OutsideCalendar, OutsideCalendarQuerySet

REMINDER_AFTER = timedelta(hours=24)
# The first reading of a calendar closes the pages. Only if it takes longer than this, that is worth an email.
FIRST_READING_TAKES = timedelta(minutes=10)


def claim_closed(*, now: datetime) -> list[Outgoing]:
    """Return an email for each person whose pages have closed. Needs a transaction."""
    late = closing(now).filter(~Exists(ClosedPages.objects.filter(person=OuterRef("person"))))
    people = User.objects.filter(is_active=True, pk__in=late.values("person")).order_by("pk")
    return [
        _about_pages(person, CalendarEmail.CLOSED, closed_id(person.pk, now), now)
        for person in people
        if ClosedPages.objects.get_or_create(person=person, defaults={"told_at": now})[1]
    ]


def claim_opened(*, now: datetime) -> list[Outgoing]:
    """Return an email for each person whose pages have opened again. Needs a transaction."""
    closed = OutsideCalendar.objects.closed(now).filter(person=OuterRef("person"))
    rows = ClosedPages.objects.filter(~Exists(closed), person__is_active=True).select_related("person")
    return [
        _about_pages(row.person, CalendarEmail.OPENED, opened_id(row.person_id, row.told_at), row.told_at)
        for row in rows.order_by("person")
        if ClosedPages.objects.filter(pk=row.pk, told_at=row.told_at).delete()[0]
    ]


def claim_reminders(*, now: datetime) -> list[Outgoing]:
    """Return an email for each person whose pages have been closed for a day. Needs a transaction."""
    rows = ClosedPages.objects.filter(told_at__lte=now - REMINDER_AFTER, reminded_at=None, person__is_active=True)
    return [
        _about_pages(row.person, CalendarEmail.STILL_CLOSED, reminder_id(row.person_id, row.told_at), row.told_at)
        for row in rows.select_related("person").order_by("person")
        if ClosedPages.objects.filter(pk=row.pk, reminded_at=None).update(reminded_at=now)
    ]


def claim_reconnects(*, now: datetime) -> list[Outgoing]:
    """Return an email for each connection that must be reconnected. Needs a transaction."""
    rows = Connection.objects.filter(
        needs_reconnecting_at__isnull=False, told_at=None, person__is_active=True
    ).select_related("person")
    return list(_reconnects(rows.iterator(), now))


def closing(now: datetime) -> OutsideCalendarQuerySet:
    """Return the calendars that close their person's pages for longer than a first reading takes."""
    is_reading = Q(read_at=None, failure="", chosen_at__gt=now - FIRST_READING_TAKES)
    return OutsideCalendar.objects.closed(now).exclude(is_reading)


def _reconnects(connections: Iterator[Connection], now: datetime) -> Iterator[Outgoing]:
    for connection in connections:
        waiting = Connection.objects.filter(pk=connection.pk, needs_reconnecting_at__isnull=False, told_at=None)
        if waiting.update(told_at=now):
            yield Outgoing(
                subject=connection.pk,
                name=one_line(connection.label),
                kind=CalendarEmail.RECONNECT,
                role=EmailRole.OWNER,
                person=connection.person,
                address=connection.person.email,
                message_id=reconnect_id(connection.pk, now),
                job={"connection_id": str(connection.pk), "at": now.isoformat()},
            )


def _about_pages(person: User, kind: CalendarEmail, message_id: str, at: datetime) -> Outgoing:
    return Outgoing(
        subject=person.pk,
        name="Connected calendars",
        kind=kind,
        role=EmailRole.OWNER,
        person=person,
        address=person.email,
        message_id=message_id,
        job={"person_id": str(person.pk), "kind": kind.value, "at": at.isoformat()},
    )


def person_of(key: UUID | str) -> User | None:
    return User.objects.filter(pk=key, is_active=True).first()
