"""What a failed attempt to read a calendar changes. The last good reading stays."""

from datetime import datetime, timedelta

from django.db import transaction

from scheduling.calendars.models import Connection, OutsideCalendar
from scheduling.calendars.reading import Failure

# The pauses after the first failures in a row. The last one repeats.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15)]
LONGEST_PAUSE = timedelta(hours=6)
DAY = timedelta(days=1)
# The person must do something: nothing of this connection, or of this calendar, is read before.
REFUSED = {Failure.UNAUTHORIZED, Failure.KEY_MISSING}
FORBIDDEN = {Failure.FORBIDDEN}
# Unlikely to end by itself.
LASTING = {Failure.GONE, Failure.NOT_ALLOWED}


def mark_failed(calendar: OutsideCalendar, failure: Failure, retry_after: timedelta | None, *, now: datetime) -> None:
    """Store that an attempt that began at `now` has failed. Does nothing if a later one succeeded meanwhile.

    Locks the connection, then the calendar.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update(no_key=True).filter(pk=calendar.connection_id).first()
        rows = OutsideCalendar.objects.select_for_update(no_key=True).order_by("pk")
        locked = rows.filter(pk=calendar.pk).first()
        if connection is None or locked is None or (locked.read_at is not None and locked.read_at > now):
            return
        locked.failures += 1
        locked.failing_since = locked.failing_since or now
        locked.failure, locked.tried_at, locked.queued_at = failure, now, None
        locked.next_try_at = next_attempt(locked, failure, retry_after, now=now)
        locked.save(update_fields=["failures", "failing_since", "failure", "tried_at", "queued_at", "next_try_at"])
        if failure in REFUSED | FORBIDDEN:
            _ask_to_reconnect(connection, failure, now)


def next_attempt(
    calendar: OutsideCalendar, failure: Failure, retry_after: timedelta | None, *, now: datetime
) -> datetime | None:
    """Return when to try again after this failure, or None if the person must do something first."""
    if failure in REFUSED | FORBIDDEN:
        return None
    if retry_after is not None:
        return now + min(max(retry_after, PAUSES[0]), LONGEST_PAUSE)
    if failure in LASTING:
        return now + DAY
    pause = PAUSES[min(calendar.failures, len(PAUSES)) - 1]
    # Each calendar waits up to a fifth longer, always the same, so a server that was down isn't asked by all at once.
    return now + pause * (1 + calendar.pk.int % 21 / 100)


def forget_refusal(connection: Connection, *, now: datetime) -> None:
    """Store that its server accepts the credentials again: read what waits for that. Locks the connection."""
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
        waiting = OutsideCalendar.objects.filter(connection=connection, failure__in=REFUSED, next_try_at=None)
        waiting.update(next_try_at=now, queued_at=None)
        if not OutsideCalendar.objects.filter(connection=connection, failure__in=REFUSED | FORBIDDEN).exists():
            Connection.objects.filter(pk=connection.pk).update(needs_reconnecting_at=None, told_at=None)


def _ask_to_reconnect(connection: Connection, failure: Failure, now: datetime) -> None:
    Connection.objects.filter(pk=connection.pk, needs_reconnecting_at=None).update(needs_reconnecting_at=now)
    if failure in REFUSED:
        OutsideCalendar.objects.filter(connection=connection).update(next_try_at=None, queued_at=None)
