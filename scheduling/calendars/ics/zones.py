"""Find the zone that a TZID means: an IANA name, a zone that the calendar defines, or what other programs write."""

import re
import runpy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from caledee.timekeeping.zones import zone_names
from scheduling.calendars.ics.scanner import Component
from scheduling.calendars.ics.values import Broken, parse_offset, text_of, unescape
from scheduling.calendars.ics.vtimezone import Years, defined_zone

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?:[:.]?(\d\d))?", re.ASCII | re.IGNORECASE)
_DISPLAY = re.compile(r"\((?:UTC|GMT)\s*([^)]*)\)\s*(.*)", re.ASCII | re.IGNORECASE)
_PARENTHESES = re.compile(r"\s*\([^)]*\)")
_SEPARATOR = re.compile("[,;]")
_MICROSOFT = "tzone://microsoft/"


class Zones:
    """The zones of one stream. The same name can be defined differently in each of its calendars."""

    def __init__(self, calendars: Sequence[Component], years: Years) -> None:
        self._years = years
        self._defined: dict[int, dict[str, Component]] = {
            id(calendar): _definitions(calendar) for calendar in calendars
        }
        self._found: dict[tuple[int, str], tzinfo | None] = {}

    def find(self, name: str, calendar: Component) -> tzinfo | None:
        key = id(calendar), name
        if key not in self._found:
            # If building the zone is interrupted, it isn't attempted for each entry again.
            self._found[key] = None
            self._found[key] = self._look_up(normalize(name), id(calendar))
        return self._found[key]

    def _look_up(self, name: str, calendar: int) -> tzinfo | None:
        """A name with a slash is a place. Others, such as EST, are defined differently by different programs."""
        place = _place_in_path(name) if "/" in name else None
        return (
            place
            or self._build(self._defined[calendar].get(name))
            or named_zone(name)
            or self._build(next((zones[name] for zones in self._defined.values() if name in zones), None))
        )

    def _build(self, definition: Component | None) -> tzinfo | None:
        if definition is None:
            return None
        place = _place_in_path(normalize(text_of(definition.first("X-LIC-LOCATION"))))
        return place or defined_zone(definition, self._years)


def _definitions(calendar: Component) -> dict[str, Component]:
    return {normalize(text_of(zone.first("TZID"))): zone for zone in reversed(calendar.parts_of("VTIMEZONE"))}


def normalize(name: str) -> str:
    """Some programs escape or quote names in one place only, or write them with other capitals."""
    return " ".join(unescape(name).strip().strip('"').split()).casefold()


@lru_cache(maxsize=1024)
def named_zone(name: str) -> tzinfo | None:
    """Return the zone that a name means on its own, or None."""
    name = normalize(name).removeprefix(_MICROSOFT)
    return _place(name) or _windows_zone(name) or _displayed_zone(name) or _fixed_zone(name)


def _place(name: str) -> ZoneInfo | None:
    found = _places().get(name.replace(" ", "_"))
    return ZoneInfo(found) if found else None


def _place_in_path(name: str) -> ZoneInfo | None:
    """Find `europe/berlin` in `/freeassociation.sourceforge.net/europe/berlin`."""
    parts = name.split("/")
    # A single last part can be anything: Germany/Eastern isn't US/Eastern.
    shortest = 1 if name.startswith("/") else 2
    suffixes = ("/".join(parts[first:]) for first in range(len(parts) - shortest + 1))
    return next((place for suffix in suffixes if (place := _place(suffix))), None)


@cache
def _places() -> dict[str, str]:
    return {name.casefold(): name for name in zone_names()} | {"z": "UTC"}


def _windows_zone(name: str) -> ZoneInfo | None:
    name = name.replace("daylight time", "standard time")
    found = windows_zones().get(name) or windows_zones().get(f"{name} standard time")
    return ZoneInfo(found) if found else None


@cache
def windows_zones() -> dict[str, str]:
    """Read the table of icalendar, which is made from CLDR. Importing the package takes longer than reading a feed."""
    package = find_spec("icalendar")
    assert package is not None
    assert package.submodule_search_locations is not None
    file = Path(package.submodule_search_locations[0], "timezone", "windows_to_olson.py")
    table: dict[str, str] = runpy.run_path(str(file))["WINDOWS_TO_OLSON"]
    return {name.casefold(): zone for name, zone in table.items()}


def _displayed_zone(name: str) -> ZoneInfo | None:
    """Find the zone of a list of cities, or of a region, such as "(UTC-05:00) Eastern Time (US & Canada)"."""
    match = _DISPLAY.fullmatch(name)
    offset, rest = (_offset_of(match[1] or "+0"), match[2]) if match else (None, name)
    if match is None and "," not in rest and "time (" not in rest:
        return None
    names = [name.strip() for name in _SEPARATOR.split(rest.rpartition(" : ")[2])]
    candidates = (candidate for name in names for candidate in [*_regions(name), *_cities().get(name, [])])
    zones = map(ZoneInfo, candidates)
    return next((zone for zone in zones if offset is None or offset in _offsets(zone)), None)


def _regions(name: str) -> Iterator[str]:
    """The zones of "eastern time (us & canada)" and "west central africa"."""
    region = _PARENTHESES.sub("", name).removesuffix(" time").replace("west ", "w. ")
    for known in (name, f"{region} standard time"):
        if known in windows_zones():
            yield windows_zones()[known]
    if region == "coordinated universal":
        yield "UTC"


@cache
def _cities() -> dict[str, list[str]]:
    cities = defaultdict(list)
    for name in sorted(zone_names()):
        area, slash, city = name.rpartition("/")
        if slash and area != "Etc":
            cities[city.replace("_", " ").casefold()].append(name)
    return cities


def _offsets(zone: ZoneInfo) -> set[timedelta | None]:
    return {datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)}


def _fixed_zone(name: str) -> tzinfo | None:
    offset = _offset_of(name)
    return None if offset is None else timezone(offset)


def _offset_of(text: str) -> timedelta | None:
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return parse_offset(f"{match[1]}{match[2]:0>2}{match[3] or '00'}")
    except Broken:
        return None
