"""The values of single properties: dates and times, durations, parameters, text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


class Broken(ValueError):
    """A property that says when can't be understood."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date, or a time in UTC, in a named zone, or (without either) in the zone that the context says.

    `local` is naive, and midnight for a date.
    """

    local: datetime
    zone_name: str | None = None
    is_utc: bool = False
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """A duration. Days are added on the clock, and the rest is elapsed time (RFC 5545, section 3.3.6)."""

    days: int = 0
    exact: timedelta = timedelta(0)

    @property
    def about(self) -> timedelta:
        return timedelta(days=self.days) + self.exact


@dataclass(frozen=True, slots=True)
class Span:
    """A value of the type PERIOD."""

    start: Stamp
    end: Stamp | Length


_PARAMETER = re.compile(r';\s*([\w-]+)\s*=((?:"[^"]*"|[^;:"])*)')
_TIME_PARAMETER = re.compile(r';\s*([\w-]+)\s*=((?:"[^"]*"|[^;"])*)')
_EXTENDED = re.compile(r":\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?\s*$", re.ASCII | re.IGNORECASE)
_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])?(\d\d):?(\d\d)(?::?(\d\d))?", re.ASCII)
_ESCAPE = re.compile(r"\\(.)")


def split_property(line: str) -> tuple[dict[str, str], str]:
    """Return parameters (with their names in upper case) and the value of what follows a property's name."""
    parameters, position = {}, 0
    while match := _PARAMETER.match(line, position):
        parameters[match[1].upper()] = match[2].strip().strip('"')
        position = match.end()
    return parameters, line[position:].lstrip().removeprefix(":").strip()


def value_of(line: str | None) -> str:
    return "" if line is None else split_property(line)[1]


def text_of(line: str | None) -> str:
    return unescape(value_of(line))


def unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)


def split_times(line: str) -> tuple[dict[str, str], list[str]]:
    """Return parameters and values of a property with dates or times.

    Their values have no colon, unlike the display names of zones that some programs write without quotes.
    """
    if line.startswith(":"):
        return {}, line[1:].split(",")
    extended = _EXTENDED.search(line)
    position = extended.start() if extended else line.rfind(":")
    parameters = {match[1].upper(): match[2].strip().strip('"') for match in _TIME_PARAMETER.finditer(line[:position])}
    return parameters, line[position + 1 :].split(",")


def parse_stamp(text: str, parameters: dict[str, str]) -> Stamp:
    """Raises Broken."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise Broken(text)
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        midnight = datetime(int(year), int(month), int(day))  # noqa: DTZ001
        if hour is None or parameters.get("VALUE", "").upper() == "DATE":
            return Stamp(midnight, is_date=True)
        if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 60:
            raise Broken(text)
        # A leap second counts as the second before it.
        local = midnight + timedelta(hours=int(hour), minutes=int(minute), seconds=min(int(second or 0), 59))
        if zone is None:
            return Stamp(local, zone_name=parameters.get("TZID") or None)
        if zone in "Zz":
            return Stamp(local, is_utc=True)
        return Stamp(local - parse_offset(zone), is_utc=True)
    except (ValueError, OverflowError) as error:
        raise Broken(text) from error


def stamps_of(line: str) -> Iterator[Stamp]:
    """The dates and times of a property. Raises Broken."""
    parameters, values = split_times(line)
    return (parse_stamp(value, parameters) for value in values if value.strip())


def stamp_of(line: str) -> Stamp:
    """The first date or time of a property. Raises Broken."""
    for stamp in stamps_of(line):
        return stamp
    raise Broken(line)


def spans_of(line: str) -> Iterator[Stamp | Span]:
    """The dates, times and periods of a property. Raises Broken."""
    parameters, values = split_times(line)
    for value in values:
        start, slash, end = value.strip().partition("/")
        if not start:
            continue
        first = parse_stamp(start, parameters)
        if not slash:
            yield first
        elif end.lstrip("+-")[:1] in {"P", "p"}:
            yield Span(first, parse_duration(end))
        else:
            yield Span(first, parse_stamp(end, parameters))


def parse_duration(text: str) -> Length:
    """Raises Broken."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise Broken(text)
    weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    length = Length(weeks * 7 + days, exact)
    return replace(length, days=-length.days, exact=-exact) if match[1] == "-" else length


def parse_offset(text: str) -> timedelta:
    """An offset from UTC, such as +0100. Raises Broken unless it is less than a day."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        raise Broken(text)
    hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(days=1):
        raise Broken(text)
    return -offset if match[1] == "-" else offset
