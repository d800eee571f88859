"""What CalDAV servers are asked: bodies of PROPFIND and REPORT requests (RFC 4918, RFC 4791)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from caledee.timekeeping.periods import Period

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'

# Whole days and times without a zone have a different place in time for the server than for the owner.
MARGIN = timedelta(days=1)


def _propfind(*properties: str) -> bytes:
    names = "".join(f"<{name}/>" for name in properties)
    return f"{DECLARATION}<D:propfind {NAMESPACES}><D:prop>{names}</D:prop></D:propfind>".encode()


# Nothing that makes a server look at every object: Radicale took minutes for 5,000 of them with a sync token.
DISCOVERY = _propfind(
    *["D:resourcetype", "D:current-user-principal", "C:calendar-home-set", "D:displayname", "D:owner"],
    *["D:current-user-privilege-set", "C:supported-calendar-component-set"],
)
STATE = _propfind("D:resourcetype", "D:sync-token", "S:getctag")


def calendar_query(period: Period) -> bytes:
    """Ask for all events that take place in this period, as they are stored.

    Always with a component and both ends, and never with `expand`: servers have faults in everything else.
    """
    start, end = _stamp(period.start - MARGIN), _stamp(period.end + MARGIN)
    return (
        f"{DECLARATION}<C:calendar-query {NAMESPACES}><D:prop><C:calendar-data/></D:prop>"
        f'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f'<C:time-range start="{start}" end="{end}"/>'
        f"</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    ).encode()


def calendar_multiget(hrefs: Sequence[str]) -> bytes:
    """Ask for these objects."""
    named = "".join(f"<D:href>{escape(href)}</D:href>" for href in hrefs)
    return (
        f"{DECLARATION}<C:calendar-multiget {NAMESPACES}><D:prop><C:calendar-data/></D:prop>{named}"
        f"</C:calendar-multiget>"
    ).encode()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
