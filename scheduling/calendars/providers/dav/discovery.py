"""Find the calendars of an account (RFC 6764, RFC 4791, RFC 5397), without reading any object in them."""

from collections.abc import Iterable, Mapping
from itertools import islice
from urllib.parse import urljoin, urlsplit

from caledee.outgoing import parse_address
from scheduling.calendars.providers.dav.hrefs import path_of, resolve
from scheduling.calendars.providers.dav.multistatus import CALDAV, CALENDAR_SERVER, DAV, Resource
from scheduling.calendars.providers.dav.queries import DISCOVERY
from scheduling.calendars.providers.dav.session import INSUFFICIENT_STORAGE, DavSession
from scheduling.calendars.providers.failures import as_failures
from scheduling.calendars.providers.protocol import FoundCalendar
from scheduling.calendars.reading import Failure, ReadingFailed

WELL_KNOWN = "/.well-known/caldav"
MOST_HOMES, MOST_CALENDARS = 5, 200
LONGEST_NAME = 100

RESOURCE_TYPE, DISPLAY_NAME, OWNER = f"{DAV}resourcetype", f"{DAV}displayname", f"{DAV}owner"
PRINCIPAL, HOME = f"{DAV}current-user-principal", f"{CALDAV}calendar-home-set"
COMPONENTS, PRIVILEGES = f"{CALDAV}supported-calendar-component-set", f"{DAV}current-user-privilege-set"
CALENDAR = f"{CALDAV}calendar"
NOT_FOR_READING = {
    f"{CALDAV}schedule-inbox",
    f"{CALDAV}schedule-outbox",
    "{http://nextcloud.com/ns}deleted-calendar",
    "{http://nextcloud.com/ns}trash-bin",
}
NOT_OWN = {f"{CALENDAR_SERVER}subscribed", f"{CALENDAR_SERVER}shared"}
WRITING = {f"{DAV}{name}" for name in ("all", "write", "write-content", "bind")}
# These would be the same wherever the search starts.
FINAL = {Failure.UNAUTHORIZED, Failure.LIMITED, Failure.CERTIFICATE}
# What is only missing at one of the addresses isn't what is wrong with the server.
NOT_HERE = {Failure.GONE, Failure.NOT_A_CALENDAR}


def find_calendars(session: DavSession, address: str) -> list[FoundCalendar]:
    """Return the calendars of the account, or the one that the address itself names."""
    failures = []
    for start in starting_points(address):
        try:
            found = _find_from(session, start)
        except ReadingFailed as failed:
            if failed.failure in FINAL:
                raise
            failures.append(failed)
        else:
            if found is not None:
                return found
    telling = (failed for failed in failures if failed.failure not in NOT_HERE)
    raise next(telling, ReadingFailed(Failure.NOT_A_CALENDAR))


def starting_points(typed: str) -> list[str]:
    """Return where to look, in order: the address itself if it has a path, and the two usual places of its server."""
    with as_failures():
        address = str(parse_address(typed).url)
    usual = [urljoin(address, WELL_KNOWN), urljoin(address, "/")]
    return usual if urlsplit(address).path in {"", "/"} else [address, *usual]


def _find_from(session: DavSession, start: str) -> list[FoundCalendar] | None:
    """Return the calendars that this address leads to, or None if it doesn't lead to any place for calendars."""
    url, here = _look_at(session, start)
    principal = _principal_of(url, here)
    if CALENDAR in here.names_in(RESOURCE_TYPE):
        return _describe(_calendars_among(url, [here]), principal)
    homes = _homes_of(url, here)
    if not homes and principal:
        homes = _homes_of(*_look_at(session, principal)) or [principal]
    calendars: dict[str, Resource] = {}
    for home in homes[:MOST_HOMES] or [url]:
        calendars |= _calendars_at(session, home)
    return _describe(calendars, principal) if homes or calendars else None


def _look_at(session: DavSession, url: str) -> tuple[str, Resource]:
    """Return a resource, and the address at which it answered."""
    answered, found = session.propfind(url, DISCOVERY, depth=0)
    if not found:
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    if found[0].status != 200:
        raise ReadingFailed(Failure.GONE)
    return answered, found[0]


def _principal_of(url: str, here: Resource) -> str | None:
    """Return the address of the person who is signed in. Raises ReadingFailed if the server says that nobody is."""
    if f"{DAV}unauthenticated" in here.names_in(PRINCIPAL):
        raise ReadingFailed(Failure.UNAUTHORIZED)
    return next(iter(_own_addresses(url, here, PRINCIPAL)), None)


def _homes_of(url: str, principal: Resource) -> list[str]:
    return _own_addresses(url, principal, HOME)


def _own_addresses(url: str, resource: Resource, name: str) -> list[str]:
    """Return the addresses in a property. Raises ReadingFailed if they all lead to other servers."""
    hrefs = resource.hrefs_in(name)
    found = [address for href in hrefs if (address := resolve(url, href))]
    if hrefs and not found:
        raise ReadingFailed(Failure.NOT_ALLOWED)
    return found


def _calendars_at(session: DavSession, home: str) -> dict[str, Resource]:
    url, found = session.propfind(home, DISCOVERY, depth=1)
    if any(resource.status == INSUFFICIENT_STORAGE for resource in found):
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    return _calendars_among(url, found)


def _calendars_among(url: str, resources: Iterable[Resource]) -> dict[str, Resource]:
    """Return the calendars for events by address, without those on other servers."""
    return {address: each for each in resources if _has_events(each) and (address := resolve(url, each.href))}


def _has_events(resource: Resource) -> bool:
    """Return whether this is a calendar for events. One that doesn't name its components takes all (RFC 4791)."""
    types = resource.names_in(RESOURCE_TYPE)
    if CALENDAR not in types or types & NOT_FOR_READING:
        return False
    components = {element.get("name", "").upper() for element in resource.properties.get(COMPONENTS, ())}
    return not components or "VEVENT" in components


def _describe(calendars: Mapping[str, Resource], principal: str | None) -> list[FoundCalendar]:
    owned = {address for address, each in calendars.items() if _is_owned(address, each, principal)}
    return [
        FoundCalendar(
            remote=address,
            name=_name_of(each, address),
            can_write=bool(_privileges_of(each) & WRITING),
            # If none is theirs, the server names owners in another way. A calendar that isn't own may not count.
            is_own=(address in owned or not owned) and not each.names_in(RESOURCE_TYPE) & NOT_OWN,
        )
        for address, each in islice(calendars.items(), MOST_CALENDARS)
    ]


def _name_of(resource: Resource, address: str) -> str:
    name = " ".join(resource.text(DISPLAY_NAME).split()) or path_of(address).rpartition("/")[2]
    return name[:LONGEST_NAME]


def _privileges_of(resource: Resource) -> set[str]:
    return {each.tag for privilege in resource.properties.get(PRIVILEGES, ()) for each in privilege}


def _is_owned(calendar: str, resource: Resource, principal: str | None) -> bool:
    """Return whether nothing says that someone else owns the calendar."""
    owners = {path_of(address) for href in resource.hrefs_in(OWNER) if (address := resolve(calendar, href))}
    return not owners or principal is None or path_of(principal) in owners
