"""Answers of CalDAV servers, for a scripted server."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from tests.support.calendar_servers.scripted import Answer, ScriptedServer

NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
CALENDAR = "<D:collection/><C:calendar/>"
EVENTS = '<C:comp name="VEVENT"/>'
REDIRECT = 301


def multistatus(*responses: str, headers: Mapping[str, str] | None = None) -> Answer:
    body = f'<?xml version="1.0" encoding="utf-8"?><D:multistatus {NAMESPACES}>{"".join(responses)}</D:multistatus>'
    return Answer(207, body.encode(), {"Content-Type": "application/xml; charset=utf-8"} | dict(headers or {}))


def found(href: str, properties: Mapping[str, str], *, missing: Sequence[str] = ()) -> str:
    """Return a response with these properties (name to XML), and with others that aren't there."""
    return f"<D:response><D:href>{escape(href)}</D:href>{propstat(properties)}{absent(missing)}</D:response>"


def propstat(properties: Mapping[str, str], status: str = "200 OK") -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in properties.items())
    return f"<D:propstat><D:prop>{inner}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"


def absent(names: Sequence[str]) -> str:
    return propstat(dict.fromkeys(names, ""), "404 Not Found") if names else ""


def failed(href: str, status: str, error: str = "") -> str:
    """Return a response with a status of its own instead of properties."""
    reason = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:response><D:href>{escape(href)}</D:href><D:status>HTTP/1.1 {status}</D:status>{reason}</D:response>"


def href(path: str) -> str:
    return f"<D:href>{escape(path)}</D:href>"


def calendar(path: str, name: str, **properties: str) -> str:
    """Return a response as a list of calendars has it. `properties` replace the usual ones, without prefix."""
    usual = {
        "D:resourcetype": CALENDAR,
        "D:displayname": escape(name),
        "C:supported-calendar-component-set": EVENTS,
    }
    return found(path, usual | {f"D:{key}": value for key, value in properties.items()})


def stored(path: str, text: str) -> str:
    return found(path, {"D:getetag": '"1"', "C:calendar-data": escape(text)})


def redirect(to: str, status: int = REDIRECT) -> Answer:
    return Answer(status, b"", {"Location": to})


def serve_account(server: ScriptedServer, *calendars: str, prefix: str = "", user: str = "ada") -> None:
    """Script the usual way from the well-known address to the list of calendars."""
    root, principal, home = f"{prefix}/", f"{prefix}/principals/{user}/", f"{prefix}/calendars/{user}/"
    if prefix:
        server.script["PROPFIND", "/.well-known/caldav"] = redirect(root)
    server.script["PROPFIND", root] = multistatus(
        found(root, {"D:current-user-principal": href(principal)}, missing=["C:calendar-home-set"])
    )
    server.script["PROPFIND", principal] = multistatus(found(principal, {"C:calendar-home-set": href(home)}))
    server.script["PROPFIND", home] = multistatus(found(home, {"D:resourcetype": "<D:collection/>"}), *calendars)
