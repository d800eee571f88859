"""Calendars on CalDAV servers."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from urllib.parse import urljoin

from caledee.outgoing import Network
from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.isolated import read_objects_in_child
from scheduling.calendars.providers.dav.discovery import find_calendars
from scheduling.calendars.providers.dav.hrefs import path_of, resolve
from scheduling.calendars.providers.dav.multistatus import CALDAV, CALENDAR_SERVER, DAV, Resource
from scheduling.calendars.providers.dav.queries import STATE, calendar_multiget, calendar_query
from scheduling.calendars.providers.dav.session import MOST_REPORT_BYTES, DavSession, TooMuch, dav_session
from scheduling.calendars.providers.failures import failure_of_status
from scheduling.calendars.providers.protocol import Account, FoundCalendar, NewReading
from scheduling.calendars.reading import Failure, Owner, Reading, ReadingFailed

DATA, CALENDAR = f"{CALDAV}calendar-data", f"{CALDAV}calendar"
RESOURCE_TYPE, SYNC_TOKEN, CHANGE_TAG = f"{DAV}resourcetype", f"{DAV}sync-token", f"{CALENDAR_SERVER}getctag"
OK, NOT_FOUND, GONE = 200, 404, 410
# A window that the server doesn't return whole is split in two, down to this length.
SHORTEST_PART = timedelta(days=2)
OBJECTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CalDav:
    """Implements `Provider`.

    Sync tokens only tell that something changed. Deltas are never used, because many servers leave things out of them.
    """

    network: Network | None = None

    def find(self, account: Account, *, patience: timedelta) -> Sequence[FoundCalendar]:
        with dav_session(account, patience, self.network) as session:
            return find_calendars(session, account.address)

    def read(
        self, account: Account, remote: str, window: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> NewReading | None:
        calendar = _address_of(account, remote)
        with dav_session(account, patience, self.network) as session:
            # Before the objects: a change in between is then read twice, and not missed.
            current = _state_of(session, calendar)
            if current and current == state:
                return None
            return NewReading(_read(session, calendar, window, owner), current)

    def check(
        self, account: Account, remote: str, period: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> Reading:
        """Read `period` without regard to `state`: asking for changes first would take another request."""
        calendar = _address_of(account, remote)
        with dav_session(account, patience, self.network) as session:
            return _read(session, calendar, period, owner)


def _address_of(account: Account, remote: str) -> str:
    """Return the address of a calendar. Raises ReadingFailed if it isn't on the server of the account."""
    address = resolve(account.address, remote)
    if address is None:
        raise ReadingFailed(Failure.NOT_ALLOWED)
    return address


def _state_of(session: DavSession, calendar: str) -> str:
    """Return what changes with the calendar, or an empty text if the server has nothing of the kind."""
    _, found = session.propfind(calendar, STATE, depth=0)
    if not found:
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    if found[0].status != OK:
        raise ReadingFailed(failure_of_status(found[0].status))
    # Anything else would answer a query with nothing, as if its owner were free.
    if RESOURCE_TYPE in found[0].properties and CALENDAR not in found[0].names_in(RESOURCE_TYPE):
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    tags = [found[0].text(SYNC_TOKEN), found[0].text(CHANGE_TAG)]
    return hashlib.sha256("\n".join(tags).encode()).hexdigest() if any(tags) else ""


def _read(session: DavSession, calendar: str, window: Period, owner: Owner) -> Reading:
    objects = _objects_in(session, calendar, window)
    return read_objects_in_child(objects, window, owner, patience=session.time_left)


def _objects_in(session: DavSession, calendar: str, window: Period) -> list[bytes]:
    """Return all objects in the window, each once. Raises ReadingFailed rather than leave one out."""
    objects: set[bytes] = set()
    parts = [window]
    while parts:
        part = parts.pop()
        try:
            objects.update(_query(session, calendar, part))
        except TooMuch:
            parts += _halves(part)
        if sum(map(len, objects)) > MOST_REPORT_BYTES:
            raise ReadingFailed(Failure.NOT_A_CALENDAR)
    return sorted(objects)


def _halves(part: Period) -> Iterator[Period]:
    if part.duration <= SHORTEST_PART:
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    middle = part.start + part.duration / 2
    yield Period(middle, part.end)
    yield Period(part.start, middle)


def _query(session: DavSession, calendar: str, part: Period) -> list[bytes]:
    url, resources = session.report(calendar, calendar_query(part))
    objects, named_only = _sort(url, resources)
    for hrefs in batched(named_only, OBJECTS_AT_ONCE):
        objects += _fetch(session, calendar, hrefs)
    return objects


def _fetch(session: DavSession, calendar: str, hrefs: Sequence[str]) -> list[bytes]:
    """Return these objects, without those that were deleted meanwhile."""
    url, resources = session.report(calendar, calendar_multiget(hrefs))
    objects, named_only = _sort(url, resources)
    answered = {path_of(urljoin(url, resource.href)) for resource in resources}
    if named_only or not answered.issuperset(path_of(urljoin(url, href)) for href in hrefs):
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    return objects


def _sort(url: str, resources: list[Resource]) -> tuple[list[bytes], list[str]]:
    """Return the objects in an answer, and the hrefs of those that the server only names."""
    objects, named_only = [], []
    for resource in resources:
        text = resource.text(DATA)
        if text:
            objects.append(text.encode())
        elif _is_object(url, resource):
            named_only.append(resource.href)
    return objects, named_only


def _is_object(url: str, resource: Resource) -> bool:
    """Return whether there is an object. Raises ReadingFailed for what can't be read, and if the calendar is gone."""
    address = resolve(url, resource.href)
    if address is None:
        raise ReadingFailed(Failure.NOT_ALLOWED)
    is_calendar = path_of(address) == path_of(url)
    if resource.status in {NOT_FOUND, GONE} and not is_calendar:
        return False
    if resource.status != OK:
        raise ReadingFailed(failure_of_status(resource.status))
    return not is_calendar
