"""A strict parser for iCalendar (RFC 5545, section 3), independent of the library that writes it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

LINE = re.compile(
    r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"\x00-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*))*):([^\x00-\x08\x0a-\x1f\x7f]*)'
)
TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*")
MOMENT = re.compile(r"\d{8}T\d{6}Z")
TEXTS = {"UID", "SUMMARY", "LOCATION", "DESCRIPTION", "NAME", "X-WR-CALNAME", "PRODID"}
MOMENTS = {"DTSTAMP", "DTSTART", "DTEND", "CREATED", "LAST-MODIFIED"}
NEEDED = {"VCALENDAR": {"PRODID", "VERSION"}, "VEVENT": {"UID", "DTSTAMP", "DTSTART"}}


@dataclass
class Component:
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.properties[name]

    def moment(self, name: str) -> datetime:
        return datetime.strptime(self[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_calendar(octets: bytes) -> Component:
    """Return the calendar with its texts unescaped. Raise AssertionError for anything the grammar forbids."""
    assert octets.endswith(b"\r\n")
    physical = octets.split(b"\r\n")[:-1]
    assert max(len(line) for line in physical) <= 75
    assert not any(b"\r" in line or b"\n" in line for line in physical)
    root = Component("")
    open_ones = [root]
    for line in octets.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]:
        match = LINE.fullmatch(line)
        assert match, line
        name, parameters, value = match.groups()
        if name == "BEGIN":
            open_ones[-1].parts.append(Component(value))
            open_ones.append(open_ones[-1].parts[-1])
        elif name == "END":
            check(closed := open_ones.pop())
            assert closed.name == value
        else:
            assert name not in open_ones[-1].properties, f"{name} stands twice"
            open_ones[-1].properties[name + parameters] = value_of(name, value)
    (calendar,) = root.parts
    assert open_ones == [root]
    assert calendar.parts
    return calendar


def check(component: Component) -> None:
    assert component.properties.keys() >= NEEDED.get(component.name, set())
    if component.name == "VEVENT":
        assert component.moment("DTSTART") < component.moment("DTEND")


def value_of(name: str, value: str) -> str:
    if name in MOMENTS and value != "19700101T000000":
        assert MOMENT.fullmatch(value), f"{name}:{value}"
    if name not in TEXTS:
        return value
    assert TEXT.fullmatch(value), f"{name}:{value}"
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


def events_of(octets: bytes) -> list[Component]:
    return [part for part in read_calendar(octets).parts if part.name == "VEVENT"]
