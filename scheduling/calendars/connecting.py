"""Connect calendars, choose which of them count, and disconnect them. No request is sent here: the worker does that.

Each function is one transaction. Locks come in this order: the person, the connection, its calendars.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from caledee.accounts.models import User
from caledee.outgoing import (
    AddressMalformed,
    AddressRefused,
    EncryptionMissing,
    NetworkRefused,
    check_without_look_up,
    parse_address,
)
from caledee.sealed import KeyMissing
from scheduling.calendars.limits import connection_refusals, counting_refusals
from scheduling.calendars.models import (
    NAME_MAX_LENGTH,
    ClosedPages,
    Connection,
    ConnectionKind,
    OutsideBusy,
    OutsideCalendar,
)
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.refreshing.queue import queue_readings, queue_search
from scheduling.rules import Reason, Refusal, refuse_any

ADDRESS_REQUIRED = "Enter an address that starts with https:// or webcal://."
ADDRESS_NOT_ALLOWED = "Caledee may not fetch from this address."
NETWORK_NOT_ALLOWED = "Caledee may not fetch from private networks."
USERNAME_REQUIRED = "Enter the user name."
PASSWORD_REQUIRED = "Enter the password."  # noqa: S105
ALREADY_CONNECTED = "This is already connected."
UNKNOWN_LIMIT = "Choose one of the times in the list."
STALE_CHOICES = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 4 * 60, 24 * 60))
NEVER_READ = dict.fromkeys(["read_from", "read_until", "read_at", "read_whole_at", "tried_at", "failing_since"]) | {
    "state": "",
    "notes": {},
    "failure": "",
    "failures": 0,
    "queued_at": None,
}


def connect_feed(person: User, address: str, *, now: datetime) -> Connection:
    """Connect a calendar address (ICS) and queue the search for its calendar. Raises Refused."""
    return _connect(person, ConnectionKind.FEED, Account(address.strip()), now)


def connect_caldav(person: User, address: str, username: str, password: str, *, now: datetime) -> Connection:
    """Connect an account at a CalDAV server and queue the search for its calendars. Raises Refused."""
    return _connect(person, ConnectionKind.CALDAV, Account(address.strip(), username, password), now)


def reconnect(connection: Connection, account: Account, *, now: datetime) -> None:
    """Replace the address and the credentials, search again, and read its calendars anew. Raises Refused.

    What was read before counts until then.
    """
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        refuse_any(account_refusals(locked.kind, account))
        _set_account(locked, account)
        locked.needs_reconnecting_at, locked.told_at = None, None
        locked.searching_since, locked.failure = now, ""
        locked.save()
        counting = locked.calendars.counting().select_related("connection")
        counting.update(state="", next_try_at=now)
        queue_search(locked)
        queue_readings(counting, now=now)


def search_again(connection: Connection, *, now: datetime) -> None:
    """Queue another search for its calendars. The one that is running is enough."""
    with transaction.atomic():
        waiting = Connection.objects.filter(pk=connection.pk, searching_since=None)
        if waiting.update(searching_since=now, failure=""):
            queue_search(connection)


def choose(
    calendar: OutsideCalendar,
    *,
    counts: bool,
    tentative_counts: bool = True,
    stale_after: timedelta | None = None,
    now: datetime,
) -> None:
    """Set whether the calendar counts, and how. Raises Refused.

    If it stops counting, its busy times are deleted. If it begins to, its person's pages offer no times until it is
    read, which is queued.
    """
    with transaction.atomic():
        person = _lock_person(calendar.person_id)
        locked = OutsideCalendar.objects.select_for_update(no_key=True, of=["self"]).select_related("connection")
        fresh = locked.get(pk=calendar.pk)
        refuse_any(_choice_refusals(fresh, counts=counts, stale_after=stale_after))
        changes: dict[str, object] = {"tentative_counts": tentative_counts, "stale_after": stale_after}
        if counts != fresh.counts:
            changes |= {"counts": counts, "chosen_at": now, "next_try_at": now if counts else None, **NEVER_READ}
            OutsideBusy.objects.filter(calendar=fresh).delete()
            fresh.moved_meetings.all().delete()
        OutsideCalendar.objects.filter(pk=fresh.pk).update(**changes)
        if counts and not fresh.counts:
            queue_readings([fresh], now=now)
        _open_pages(person, now)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a calendar counts, and how."""

    calendar: OutsideCalendar
    counts: bool
    tentative_counts: bool
    stale_after: timedelta | None


def choose_all(choices: Iterable[Choice], *, now: datetime) -> None:
    """Make all of these choices, or none of them if one is refused. Raises Refused."""
    with transaction.atomic():
        # Calendars that stop counting make room for others.
        for each in sorted(choices, key=lambda choice: choice.counts):
            choose(
                each.calendar,
                counts=each.counts,
                tentative_counts=each.tentative_counts,
                stale_after=each.stale_after,
                now=now,
            )


def read_now(calendar: OutsideCalendar, *, now: datetime) -> None:
    """Queue a reading of a counting calendar, even if the person was asked to reconnect."""
    with transaction.atomic():
        rows = OutsideCalendar.objects.counting().filter(pk=calendar.pk)
        rows.update(next_try_at=now)
        queue_readings(rows.select_related("connection"), now=now)


def disconnect(connection: Connection, *, now: datetime) -> None:
    """Delete the connection with its secrets, its calendars and their busy times."""
    with transaction.atomic():
        person = _lock_person(connection.person_id)
        _delete(person, connection)
        _open_pages(person, now)


def disconnect_all(person: User) -> None:
    """Delete all connections of a person who leaves. The person must be locked."""
    for connection in Connection.objects.filter(person=person):
        _delete(person, connection)
    ClosedPages.objects.filter(person=person).delete()


def account_refusals(kind: str, account: Account) -> Iterator[Refusal]:
    """Refuse an address that requests are never sent to, and missing credentials. Looks nothing up."""
    try:
        check_without_look_up(parse_address(account.address))
    except (AddressMalformed, EncryptionMissing):
        yield Refusal("address", Reason.INVALID, ADDRESS_REQUIRED)
    except NetworkRefused:
        yield Refusal("address", Reason.NOT_ALLOWED, NETWORK_NOT_ALLOWED)
    except AddressRefused:
        yield Refusal("address", Reason.NOT_ALLOWED, ADDRESS_NOT_ALLOWED)
    if kind == ConnectionKind.CALDAV and not account.username:
        yield Refusal("username", Reason.REQUIRED, USERNAME_REQUIRED)
    if kind == ConnectionKind.CALDAV and not account.password:
        yield Refusal("password", Reason.REQUIRED, PASSWORD_REQUIRED)


def _connect(person: User, kind: ConnectionKind, account: Account, now: datetime) -> Connection:
    with transaction.atomic():
        _lock_person(person.pk)
        refuse_any([*account_refusals(kind, account), *connection_refusals(person.pk, "address")])
        refuse_any(_repetition(person, kind, account))
        connection = Connection(person=person, kind=kind, connected_at=now, searching_since=now)
        _set_account(connection, account)
        connection.save(force_insert=True)
        queue_search(connection)
    return connection


def _set_account(connection: Connection, account: Account) -> None:
    connection.host = parse_address(account.address).origin.host
    connection.label = connection.host[:NAME_MAX_LENGTH]
    connection.address = account.address
    if connection.kind == ConnectionKind.CALDAV:
        connection.credentials = json.dumps({"username": account.username, "password": account.password})


def _repetition(person: User, kind: str, account: Account) -> Iterator[Refusal]:
    if any(_is_same(each, account) for each in Connection.objects.filter(person=person, kind=kind)):
        yield Refusal("address", Reason.REPEATED, ALREADY_CONNECTED)


def _is_same(connection: Connection, account: Account) -> bool:
    try:
        known = connection.account
    except KeyMissing:
        return False
    return (known.address, known.username) == (account.address, account.username)


def _choice_refusals(calendar: OutsideCalendar, *, counts: bool, stale_after: timedelta | None) -> Iterator[Refusal]:
    if counts and not calendar.counts:
        yield from counting_refusals(calendar.person_id)
    if stale_after is not None and stale_after not in STALE_CHOICES:
        yield Refusal("stale_after", Reason.INVALID, UNKNOWN_LIMIT)


def _lock_person(key: UUID) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=key)


def _delete(person: User, connection: Connection) -> None:
    """Lock what is deleted first: a reading that ends now would otherwise still add rows.

    The connection isn't locked `FOR UPDATE`: what holds one of its calendars may have to look at it to commit.
    """
    list(Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk, person=person))
    list(OutsideCalendar.objects.select_for_update().filter(connection=connection).order_by("pk"))
    Connection.objects.filter(pk=connection.pk, person=person).delete()


def _open_pages(person: User, now: datetime) -> None:
    """Send no email about pages that the person opened by their own choice."""
    if not OutsideCalendar.objects.of([person]).closed(now).exists():
        ClosedPages.objects.filter(person=person).delete()
