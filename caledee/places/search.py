"""Search for time zones by city, country, old or new IANA name, abbreviation, Windows name or offset.

Pure apart from the tables it reads. Current offsets depend on `now`.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from zoneinfo import ZoneInfo

from caledee.places.index import Place, fold, place_of_zone, places, popular_zones, windows_zones
from caledee.places.names import name_of_zone
from caledee.places.tables import present_name
from caledee.places.words import ABBREVIATIONS
from caledee.timekeeping.zones import is_zone_name

MOST_ANSWERS = 8
LONGEST_QUERY = 64
MINUTE = timedelta(minutes=1)
OFFSET = re.compile(r"(?:utc|gmt|z)?\s*([+\-−–])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
# IANA names that people use for something else, or for several zones: offer a choice.
SEVERAL_MEANINGS = frozenset({"EST", "MST", "GMT"})


@dataclass(frozen=True, slots=True)
class Found:
    """A match: the current IANA name and its label. Lower `how` is a better match."""

    zone: str
    label: str
    how: int
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """`is_near`: nothing matches, these are only similar. `zone` is set if the text can mean only that one."""

    found: tuple[Found, ...]
    zone: str = ""
    is_near: bool = False

    @property
    def is_exact(self) -> bool:
        """Return whether a place has exactly this name."""
        return any(each.how <= AREA for each in self.found)


EXACT, AREA, BEGINS, WORDS, WITHIN, NEAR = range(6)
SHORTEST_BEGINNING = 3


def search(text: str, *, now: datetime) -> Answers:
    """Return up to MOST_ANSWERS matches, best first. Without text, return the most common zones."""
    text = " ".join(text[:LONGEST_QUERY].split())
    if text and is_zone_name(text) and text not in SEVERAL_MEANINGS:
        zone = present_name(text)
        return Answers((Found(zone, label_of_zone(zone), EXACT),), zone)
    return _search(text, now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))


def label_of_zone(key: str) -> str:
    """Return a label such as `Berlin, Germany`, or the zone's name if no place has it."""
    place = place_of_zone(present_name(key))
    return place.label if place else name_of_zone(key)


@lru_cache(maxsize=1024)
def _search(text: str, hour: datetime) -> Answers:
    query = fold(text)
    if minutes := _read_offset(text):
        found = list(_at_offset(minutes[0], hour))
    elif not query:
        found = [_own(zone, EXACT) for zone in popular_zones()] if not text else []
    else:
        found = list(_matching(query, hour))
    found = sorted(dict.fromkeys(found), key=lambda each: each.how)
    if found:
        return Answers(tuple(found[:MOST_ANSWERS]), _only(query, found, hour) if text else "")
    near = dict.fromkeys(chain(_near(query), (_own(zone, NEAR) for zone in popular_zones())))
    return Answers(tuple(islice(near, MOST_ANSWERS)), is_near=True)


def _only(query: str, found: list[Found], hour: datetime) -> str:
    """Return the zone of the best matches if they agree, or of the single exact match named after its place."""
    best = [each for each in found if each.how <= AREA] or [each for each in found if each.how <= WORDS]
    if not best or (best[0].how > AREA and len(query) < SHORTEST_BEGINNING):
        return ""
    if _keep_same_time({each.zone for each in best}, hour):
        return best[0].zone
    own = [each.zone for each in best if each.how == EXACT and each.is_own]
    return own[0] if len(own) == 1 else ""


def _keep_same_time(zones: set[str], hour: datetime) -> bool:
    """Return whether all zones show the same time in each month of the year."""
    moments = [hour + timedelta(days=30 * month) for month in range(13)] if len(zones) > 1 else []
    return all(len({_offset(zone, moment) for zone in zones}) == 1 for moment in moments)


def _matching(query: str, hour: datetime) -> Iterator[Found]:
    words = query.split()
    abbreviated = _zones_by_abbreviation(hour.year).get(query.upper(), ())
    windows = windows_zones().get(query)
    for place in places():
        if place.is_own and (place.zone in abbreviated or place.zone == windows):
            yield Found(place.zone, place.label, AREA)
        elif (how := _how(place, query, words)) is not None:
            yield Found(place.zone, place.label, how, place.is_own)
    if windows and place_of_zone(windows) is None:
        yield _own(windows, EXACT)


def _how(place: Place, query: str, words: list[str]) -> int | None:
    """Return how well the place matches, or None."""
    if query in place.names or query in place.keys:
        return EXACT
    if query in place.areas:
        return AREA
    if any(name.startswith(query) for name in place.names):
        return BEGINS
    if all(any(known.startswith(word) for known in place.words) for word in words):
        return WORDS
    if len(query) >= SHORTEST_BEGINNING and any(query in name for name in (*place.names, *place.keys)):
        return WITHIN
    return None


def _near(query: str) -> Iterator[Found]:
    """Yield places with similar names, for typing errors, then those that share a word with the query."""
    names = {name: place for place in reversed(places()) for name in place.names}
    for name in difflib.get_close_matches(query, names, n=MOST_ANSWERS, cutoff=0.6):
        yield Found(names[name].zone, names[name].label, NEAR)
    words = {word for word in query.split() if len(word) >= SHORTEST_BEGINNING}
    yield from (Found(each.zone, each.label, NEAR) for each in places() if words & each.words)


def _read_offset(text: str) -> tuple[int] | None:
    """Return minutes east of UTC for `UTC+2`, `+05:30`, `GMT-3` or `-0330`, or None for other text."""
    match = OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return (minutes if match[1] == "+" else -minutes,)


def _at_offset(minutes: int, hour: datetime) -> Iterator[Found]:
    """Yield the zone that always has this offset, if there is one, then the places that have it now."""
    hours, rest = divmod(abs(minutes), 60)
    key = "UTC" if minutes == 0 else f"Etc/GMT{'-' if minutes > 0 else '+'}{hours}"
    if not rest and is_zone_name(key):
        yield _own(key, EXACT)
    for place in places():
        if place.is_own and "/" in place.zone and _offset(place.zone, hour) == minutes:
            yield Found(place.zone, place.label, BEGINS)


def _offset(zone: str, hour: datetime) -> int:
    return (hour.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // MINUTE


@lru_cache(maxsize=4)
def _zones_by_abbreviation(year: int) -> dict[str, frozenset[str]]:
    """Return zones by their abbreviations in winter and summer of that year: both `CET` and `CEST` find Berlin."""
    moments = [datetime(year, month, 1, tzinfo=UTC) for month in (1, 7)]
    by_name: dict[str, set[str]] = {name: set(zones) for name, zones in ABBREVIATIONS.items()}
    for place in places():
        for name in _names_of_time(place.zone, moments) if place.is_own else ():
            by_name.setdefault(name, set()).add(place.zone)
    return {name: frozenset(zones) for name, zones in by_name.items()}


def _names_of_time(zone: str, moments: Iterable[datetime]) -> set[str]:
    names = {moment.astimezone(ZoneInfo(zone)).tzname() or "" for moment in moments}
    return {name for name in names if name.isalpha()}


def _own(zone: str, how: int) -> Found:
    return Found(zone, label_of_zone(zone), how)
