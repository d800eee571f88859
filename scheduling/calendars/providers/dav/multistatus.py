"""Read the XML in answers of CalDAV servers. It comes from strangers: no entities, no document types, limited size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from scheduling.calendars.reading import Failure, ReadingFailed

DAV, CALDAV, CALENDAR_SERVER = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
MOST_ELEMENTS = 250_000
PIECE_BYTES, LONGEST_TAG = 32 * 1024, 256 * 1024
OK = 200


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource in a multistatus. `status` is its own, `properties` are those that it has, by name."""

    href: str
    status: int
    properties: Mapping[str, Element]

    def text(self, name: str) -> str:
        """Return the text of a property, or an empty one if the resource doesn't have it."""
        found = self.properties.get(name)
        return "" if found is None else "".join(found.itertext()).strip()

    def names_in(self, name: str) -> frozenset[str]:
        """Return the names of the elements in a property."""
        return frozenset(element.tag for element in self.properties.get(name, ()))

    def hrefs_in(self, name: str) -> list[str]:
        found = self.properties.get(name)
        return [] if found is None else [text for text in map(_text, found.iter(f"{DAV}href")) if text]


def read_multistatus(body: bytes) -> list[Resource]:
    """Return the resources in an answer. Raises ReadingFailed if it isn't a multistatus."""
    root = _parse(body)
    if root is None or root.tag != f"{DAV}multistatus":
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    return [resource for response in root.findall(f"{DAV}response") for resource in _read_response(response)]


def read_conditions(body: bytes) -> frozenset[str]:
    """Return the names of the conditions that a request failed on (RFC 4918, section 16), if the answer has them."""
    root = _parse(body)
    if root is None or root.tag != f"{DAV}error":
        return frozenset()
    return frozenset(element.tag for element in root)


class _LimitedBuilder(TreeBuilder):
    """Builds a limited number of elements: each takes a hundred times the memory of its text.

    `steps` grows with each part of the document that is complete.
    """

    elements = steps = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.steps += 1
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise ReadingFailed(Failure.NOT_A_CALENDAR)
        return super().start(tag, attrs)

    def data(self, data: str, /) -> None:
        self.steps += 1
        super().data(data)


def _parse(body: bytes) -> Element | None:
    builder = _LimitedBuilder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        _feed(parser, builder, body)
        root: Element = parser.close()
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        return None
    return root


def _feed(parser: DefusedXMLParser, builder: _LimitedBuilder, body: bytes) -> None:
    """Parse in pieces, so other threads can run in between. Raises ValueError if a single tag is very long.

    One with a million attributes would take many seconds.
    """
    tag_started = last_steps = 0
    for start in range(0, len(body), PIECE_BYTES):
        if builder.steps != last_steps:
            tag_started, last_steps = start, builder.steps
        if start - tag_started > LONGEST_TAG:
            raise ValueError
        parser.feed(body[start : start + PIECE_BYTES])


def _read_response(response: Element) -> Iterator[Resource]:
    """Yield the resources of a response: one, or several with a status that they share."""
    status = response.find(f"{DAV}status")
    own_status = OK if status is None else _read_status(status)
    properties = {
        element.tag: element
        for propstat in response.findall(f"{DAV}propstat")
        if _read_status(propstat.find(f"{DAV}status")) == OK
        for element in propstat.iterfind(f"{DAV}prop/*")
    }
    for href in [_text(element) for element in response.findall(f"{DAV}href")] or [""]:
        yield Resource(href, own_status, properties)


def _read_status(status: Element | None) -> int:
    """Read a line such as `HTTP/1.1 404 Not Found`. Return 0 for anything else."""
    words = ("" if status is None else _text(status)).split()
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() and len(words[1]) == 3 else 0


def _text(element: Element) -> str:
    return (element.text or "").strip()
