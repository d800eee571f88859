"""Split iCalendar text into components, and keep only the properties that say when someone is busy.

Titles, places and guests are dropped here. Only guests' own lines are kept until their answer is known.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduling.calendars.reading import Failure, ReadingFailed

MAX_BYTES = 10 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_DEPTH = 20
ENTRIES = frozenset({"VEVENT", "VFREEBUSY"})
# Components that only a calendar contains. If one begins inside another, the other's end is missing.
OUTERMOST = ENTRIES | {"VTIMEZONE", "VTODO", "VJOURNAL"}
_OBSERVANCE = frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"})
_KEPT: dict[str, frozenset[str]] = {
    "VCALENDAR": frozenset({"X-WR-TIMEZONE", "X-WR-CALNAME", "NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"}),
    "VEVENT": frozenset(
        [
            *["UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION"],
            *["RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"],
            *["STATUS", "TRANSP", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "X-APPLE-TRAVEL-DURATION"],
        ]
    ),
    "VFREEBUSY": frozenset({"FREEBUSY"}),
    "VTIMEZONE": frozenset({"TZID", "X-LIC-LOCATION"}),
    "STANDARD": _OBSERVANCE,
    "DAYLIGHT": _OBSERVANCE,
}
_ENCODINGS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"B\0", "utf-16-le"),
    (b"\0B", "utf-16-be"),
]
_LINE_ENDS = re.compile(rb"[\r\n]+")


@dataclass(slots=True, eq=False)
class Component:
    """A component with the properties and parts that are kept.

    Each property has a list of what follows its name: parameters, a colon and the value (`;VALUE=DATE:20261201`).
    `is_broken` if its end is missing.
    """

    kind: str
    properties: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    is_broken: bool = False

    def first(self, name: str) -> str | None:
        lines = self.properties.get(name)
        return lines[0] if lines else None

    def all(self, name: str) -> list[str]:
        return self.properties.get(name, [])

    def parts_of(self, *kinds: str) -> list["Component"]:
        return [part for part in self.parts if part.kind in kinds]


def scan(text: bytes) -> list[Component]:
    """Return the calendars of a stream. Raises ReadingFailed if there is none, or it is cut off or too large."""
    if len(text) > MAX_BYTES:
        raise ReadingFailed(Failure.NOT_A_CALENDAR)
    return _Builder().build(unfold(text))


def unfold(text: bytes) -> list[str]:
    """Return the logical lines in any encoding, with any line ends. Lines are unfolded before characters are decoded:
    some programs fold in the middle of one."""
    for mark, encoding in _ENCODINGS:
        if text.startswith(mark):
            text = text.decode(encoding, "replace").encode("utf-8", "replace")
            break
    text = _LINE_ENDS.sub(b"\n", text.replace(codecs.BOM_UTF8, b"").replace(b"\0", b""))
    text = text.replace(b"\n ", b"").replace(b"\n\t", b"")
    try:
        return text.decode().split("\n")
    except UnicodeDecodeError:
        return text.decode("latin-1").split("\n")


class _Builder:
    def __init__(self) -> None:
        self.calendars: list[Component] = []
        self.open: list[Component] = []
        self.entries = 0

    def build(self, lines: Iterable[str]) -> list[Component]:
        kept: frozenset[str] = frozenset()
        for line in lines:
            colon = line.find(":")
            if colon < 0:
                continue
            semicolon = line.find(";", 0, colon)
            end = colon if semicolon < 0 else semicolon
            name = line[:end].strip().upper()
            if name in kept:
                self.open[-1].properties.setdefault(name, []).append(line[end:])
            elif name in {"BEGIN", "END"}:
                kind = line[colon + 1 :].strip().upper()
                (self._begin if name == "BEGIN" else self._end)(kind)
                kept = _KEPT.get(self.open[-1].kind, frozenset()) if self.open else frozenset()
        if self.open or not self.calendars:
            raise ReadingFailed(Failure.NOT_A_CALENDAR)
        return self.calendars

    def _begin(self, kind: str) -> None:
        if kind == "VCALENDAR":
            self._require(not self.open)
        elif not self.open:
            return
        if kind in OUTERMOST:
            self._close_until(1)
            self.entries += kind in ENTRIES
        self._require(self.entries <= MAX_ENTRIES and len(self.open) < MAX_DEPTH)
        self.open.append(Component(kind))

    def _end(self, kind: str) -> None:
        """Close the innermost open component of this kind. An END without a BEGIN is ignored."""
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth].kind == kind:
                self._close_until(depth + 1)
                self._keep(self.open.pop())
                return

    def _close_until(self, depth: int) -> None:
        while len(self.open) > depth:
            component = self.open.pop()
            component.is_broken = True
            self._keep(component)

    def _keep(self, component: Component) -> None:
        if not self.open:
            self.calendars.append(component)
        elif component.kind in _KEPT:
            self.open[-1].parts.append(component)

    def _require(self, condition: bool) -> None:
        if not condition:
            raise ReadingFailed(Failure.NOT_A_CALENDAR)
