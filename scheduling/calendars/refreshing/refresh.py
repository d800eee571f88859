"""Read one connected calendar as a whole, and store when it is busy.

No lock is held while its server answers. What is stored is always one whole reading, which replaces the one before. An
attempt that fails changes nothing but what is known about the failure.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from caledee.sealed import KeyMissing
from scheduling.calendars.models import OutsideCalendar
from scheduling.calendars.providers.protocol import NewReading
from scheduling.calendars.providers.registry import provider_of
from scheduling.calendars.reading import Failure, Owner, ReadingFailed
from scheduling.calendars.refreshing.failures import forget_refusal, mark_failed
from scheduling.calendars.refreshing.own_meetings import with_uids
from scheduling.calendars.refreshing.store import confirm, replace, window_at

# Sync tokens can lie, and the window moves on: it is read as a whole once a day, even if nothing seems to be new.
WHOLE_READING_LASTS = timedelta(days=1)
# A server that is asked for the first time may have to build its caches.
FIRST_PATIENCE, PATIENCE = timedelta(minutes=5), timedelta(seconds=90)


def refresh(key: UUID | str, *, now: datetime) -> None:
    """Read the calendar if it is due, and store the result. Makes two queries if nothing has changed.

    `now` is when the reading begins.
    """
    calendar = _find(key, now)
    if calendar is None or calendar.next_try_at is None or calendar.next_try_at > now:
        return
    try:
        new = _read(calendar, now)
    except ReadingFailed as error:
        mark_failed(calendar, error.failure, error.retry_after, now=now)
        return
    except Exception:
        # An error of our own. Like any other failure, it must not be repeated every minute.
        mark_failed(calendar, Failure.UNREACHABLE, None, now=now)
        raise
    is_stored = replace(calendar, new, now=now) if new else confirm(calendar, now=now)
    if is_stored and calendar.connection.needs_reconnecting_at is not None:
        forget_refusal(calendar.connection, now=now)


def owner_of(calendar: OutsideCalendar, uids: Collection[str]) -> Owner:
    """Return what its provider must know of its person. `uids` are those of the person's bookings."""
    addresses = frozenset([calendar.person.email.lower(), *calendar.connection.own_addresses])
    return Owner(calendar.person.zone, addresses, frozenset(uids))


def _find(key: UUID | str, now: datetime) -> OutsideCalendar | None:
    found = OutsideCalendar.objects.counting().filter(pk=key, person__is_active=True)
    return with_uids(found, window_at(now).start).select_related("connection", "person").first()


def _read(calendar: OutsideCalendar, now: datetime) -> NewReading | None:
    try:
        account = calendar.connection.account
    except KeyMissing:
        raise ReadingFailed(Failure.KEY_MISSING) from None
    is_recent = calendar.read_whole_at is not None and now - calendar.read_whole_at < WHOLE_READING_LASTS
    return provider_of(calendar.connection.kind).read(
        account,
        calendar.remote,
        window_at(now),
        owner_of(calendar, [*calendar.organized_uids, *calendar.cohosted_uids]),
        state=calendar.state if is_recent else "",
        patience=FIRST_PATIENCE if calendar.read_at is None else PATIENCE,
    )
