"""Queue what the worker does about connected calendars. `scheduling.calendars.tasks` does it.

Tasks are named, not imported: reading a new connection's list of calendars queues the reading of each.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from scheduling.calendars.models import Connection, OutsideCalendar

# The worker has threads for this queue alone: a server that doesn't answer must not delay emails.
QUEUE = "calendars"
READ, SEARCH = "calendars.read", "calendars.search"
MOST_AT_ONCE = 200
# A job that didn't even start within this time is lost, or its server is busy with others.
JOB_IS_LOST_AFTER = timedelta(minutes=10)


def queue_due_readings(*, now: datetime) -> int:
    """Queue the reading of calendars that are due, and return how many."""
    ready = Q(queued_at=None) | Q(queued_at__lt=now - JOB_IS_LOST_AFTER)
    due = OutsideCalendar.objects.counting().filter(ready, next_try_at__lte=now, person__is_active=True)
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, no_key=True, of=["self"]).order_by("next_try_at")
        calendars = list(rows.select_related("connection").only("connection__host")[:MOST_AT_ONCE])
        queue_readings(calendars, now=now)
    return len(calendars)


def queue_readings(calendars: Iterable[OutsideCalendar], *, now: datetime) -> None:
    """Queue the reading of these calendars, whose connections are loaded. Call it in the transaction of the change."""
    queued = list(calendars)
    OutsideCalendar.objects.filter(pk__in=[each.pk for each in queued]).update(queued_at=now)
    for calendar in queued:
        _defer(READ, f"calendar:{calendar.pk}", calendar.connection, calendar_id=str(calendar.pk))


def queue_search(connection: Connection) -> None:
    """Queue the search for a connection's calendars. Call it in the transaction of the change."""
    _defer(SEARCH, f"connection:{connection.pk}", connection, connection_id=str(connection.pk))


def _defer(task: str, once: str, connection: Connection, **arguments: str) -> None:
    """Queue a job, unless the same one waits already. Jobs with one lock run one after another.

    So there is one connection at a time to each server, and a job that waits for its turn takes up no thread.
    """
    with suppress(AlreadyEnqueued), transaction.atomic():
        job = app.configure_task(task, queue=QUEUE, queueing_lock=once, lock=f"calendars:{connection.host}")
        job.defer(**arguments)
