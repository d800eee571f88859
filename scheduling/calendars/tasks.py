"""Background tasks: read connected calendars, and notify people of those that can't be read.

`scheduling.calendars.refreshing.queue` queues the readings, in a queue for which the worker has threads of its own.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.email.messages import QUEUE as EMAIL_QUEUE
from caledee.email.messages import Email, PatientRetry
from caledee.email.outbox import queue_emails, recorded
from caledee.timekeeping.reader import written_for
from scheduling.calendars.emails.messages import CalendarEmail, write_closed, write_opened, write_reconnect
from scheduling.calendars.emails.notify import (
    claim_closed,
    claim_opened,
    claim_reconnects,
    claim_reminders,
    closing,
    person_of,
)
from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.calendars.refreshing.queue import QUEUE, READ, SEARCH, queue_due_readings
from scheduling.calendars.refreshing.refresh import refresh
from scheduling.calendars.refreshing.search import search


@app.task(name=READ, queue=QUEUE)
def read_calendar(calendar_id: str) -> None:
    refresh(calendar_id, now=timezone.now())


@app.task(name=SEARCH, queue=QUEUE)
def search_calendars(connection_id: str) -> None:
    search(connection_id, now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="calendars.queue_due", queueing_lock="calendars.queue_due")
def queue_due(timestamp: int) -> None:  # noqa: ARG001
    """Queue what is due, and look again before the next minute if calendars are read more often than that."""
    queue_due_readings(now=timezone.now())
    for seconds in range(settings.CALENDAR_REFRESH_SECONDS, 60, settings.CALENDAR_REFRESH_SECONDS):
        queue_due_again.configure(schedule_in={"seconds": seconds}).defer()


@app.task(name="calendars.queue_due_again")
def queue_due_again() -> None:
    queue_due_readings(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="calendars.notify", queueing_lock="calendars.notify")
def notify(timestamp: int) -> None:  # noqa: ARG001
    """Notify people whose pages have closed or opened, or who must reconnect: each once."""
    now = timezone.now()
    with transaction.atomic():
        about_pages = [*claim_opened(now=now), *claim_closed(now=now), *claim_reminders(now=now)]
        queue_emails(send_about_pages, about_pages, now=now)
        queue_emails(send_reconnect, claim_reconnects(now=now), now=now)


@app.task(name="calendars.mail_pages", queue=EMAIL_QUEUE, retry=PatientRetry())
@recorded
def send_about_pages(person_id: str, kind: str, at: str, *, now: datetime) -> Email | None:
    """Return None if that is no longer the case."""
    person = person_of(person_id)
    if person is None:
        return None
    calendars = list(closing(now).filter(person=person).select_related("connection"))
    with written_for(person):
        if kind == CalendarEmail.OPENED:
            return None if calendars else write_opened(person, at=datetime.fromisoformat(at))
        if not calendars:
            return None
        is_reminder = kind == CalendarEmail.STILL_CLOSED
        return write_closed(person, calendars, at=datetime.fromisoformat(at), is_reminder=is_reminder, now=now)


@app.task(name="calendars.mail_reconnect", queue=EMAIL_QUEUE, retry=PatientRetry())
@recorded
def send_reconnect(connection_id: str, at: str, *, now: datetime) -> Email | None:
    """Send nothing if it was reconnected or disconnected meanwhile."""
    found = Connection.objects.select_related("person").filter(pk=connection_id, person__is_active=True)
    connection = found.exclude(needs_reconnecting_at=None).first()
    if connection is None:
        return None
    calendars = OutsideCalendar.objects.counting().filter(connection=connection).exclude(failure="")
    with written_for(connection.person):
        return write_reconnect(
            connection, list(calendars.select_related("connection")), at=datetime.fromisoformat(at), now=now
        )
