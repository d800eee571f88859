"""Search for the calendars of a connection, and store which ones there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from caledee.accounts.models import User
from caledee.email.text import one_line
from caledee.sealed import KeyMissing
from scheduling.calendars.limits import room_to_count
from scheduling.calendars.models import NAME_MAX_LENGTH, Connection, ConnectionKind, OutsideCalendar
from scheduling.calendars.providers.protocol import FoundCalendar
from scheduling.calendars.providers.registry import provider_of
from scheduling.calendars.reading import Failure, ReadingFailed
from scheduling.calendars.refreshing.queue import queue_readings

PATIENCE = timedelta(minutes=5)


def search(key: UUID | str, *, now: datetime) -> None:
    """Ask the connection's server for its calendars, and store them or the failure. `now` is when that begins."""
    connection = Connection.objects.filter(pk=key, person__is_active=True).first()
    if connection is None or connection.searching_since is None:
        return
    try:
        found = _find(connection)
    except ReadingFailed as error:
        _store_failure(connection, error.failure)
    except Exception:
        _store_failure(connection, Failure.UNREACHABLE)
        raise
    else:
        store_found(connection, found, now=now)


def store_found(connection: Connection, found: Sequence[FoundCalendar], *, now: datetime) -> None:
    """Store what was found, and queue the reading of what is new and counts.

    A person's own calendars count from the beginning, as many as there is room for. Calendars that are known keep what
    was chosen for them, and those that weren't found stay: reading them tells whether they are gone.
    """
    with transaction.atomic():
        # Another search at the same time must not let more calendars count than are allowed.
        User.objects.select_for_update(no_key=True).get(pk=connection.person_id)
        locked = Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
        if locked is None:
            return
        known = {calendar.remote: calendar for calendar in locked.calendars.all()}
        for each in found:
            if calendar := known.get(each.remote):
                _rename(calendar, each)
        new = _insert(locked, [each for each in _once(found) if each.remote not in known], now)
        locked.searching_since, locked.found_at, locked.failure = None, now, ""
        locked.label = _label_of(locked, found)
        locked.save(update_fields=["searching_since", "found_at", "failure", "label"])
        queue_readings([each for each in new if each.counts], now=now)


def _find(connection: Connection) -> Sequence[FoundCalendar]:
    try:
        account = connection.account
    except KeyMissing:
        raise ReadingFailed(Failure.KEY_MISSING) from None
    return provider_of(connection.kind).find(account, patience=PATIENCE)


def _store_failure(connection: Connection, failure: Failure) -> None:
    Connection.objects.filter(pk=connection.pk).update(searching_since=None, failure=failure)


def _once(found: Iterable[FoundCalendar]) -> list[FoundCalendar]:
    return list({each.remote: each for each in found}.values())


def _rename(calendar: OutsideCalendar, found: FoundCalendar) -> None:
    facts = {"name": _name_of(found, calendar.connection), "can_write": found.can_write, "is_own": found.is_own}
    OutsideCalendar.objects.filter(pk=calendar.pk).update(**facts)


def _insert(connection: Connection, found: Sequence[FoundCalendar], now: datetime) -> list[OutsideCalendar]:
    room = room_to_count(connection.person_id)
    calendars = []
    for each in found:
        counts = each.is_own and room > 0
        room -= counts
        calendars.append(
            OutsideCalendar(
                connection=connection,
                person_id=connection.person_id,
                remote=each.remote,
                name=_name_of(each, connection),
                is_own=each.is_own,
                can_write=each.can_write,
                counts=counts,
                chosen_at=now,
                next_try_at=now if counts else None,
            )
        )
    return OutsideCalendar.objects.bulk_create(calendars)


def _label_of(connection: Connection, found: Sequence[FoundCalendar]) -> str:
    """Name a calendar address after its only calendar, and leave an account named after its server."""
    return _name_of(found[0], connection) if found and connection.kind == ConnectionKind.FEED else connection.label


def _name_of(found: FoundCalendar, connection: Connection) -> str:
    return one_line(found.name)[:NAME_MAX_LENGTH].strip() or connection.host[:NAME_MAX_LENGTH]
