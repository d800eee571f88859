"""The index of all places, with the words that find them. Built once."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from caledee.places.names import country_of_zone, name_of_country, name_of_zone
from caledee.places.tables import country_names, links, zone_rows
from caledee.places.words import OTHER_COUNTRIES, OTHER_NAMES, REGIONS
from caledee.timekeeping.zones import zone_names

HERE = Path(__file__).parent
# Excludes names that mean nothing outside their country, such as US/Eastern or Australia/West.
NAMED_AFTER_A_CITY = re.compile(
    "(Africa|America|Antarctica|Arctic|Asia|Atlantic|Europe|Indian|Pacific)/"
    "|Australia/(?!ACT|LHI|NSW|North|Queensland|South|Tasmania|Victoria|West|Yancowinna)"
)
SEPARATORS = re.compile(r"[^\w+:]+")
# Letters that Unicode does not decompose into a plain letter and an accent.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "", "'": ""})


@dataclass(frozen=True, slots=True)
class Place:
    """A city, or another place that a zone is named after. `is_own`: the zone is named after this place.

    All texts except `city` and `region` are normalized by `fold`. `names` are its names, `keys` its label and the IANA
    names of its zone, `areas` the countries and the state that it represents (a city without its own zone represents
    at most its state), and `words` all single words of these.
    """

    zone: str
    city: str
    region: str
    is_own: bool
    names: tuple[str, ...]
    keys: tuple[str, ...]
    areas: tuple[str, ...]
    words: frozenset[str]
    rank: int

    @property
    def label(self) -> str:
        return _label(self.city, self.region)


def fold(text: str) -> str:
    """Return the text without case, accents and punctuation, with single spaces between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return SEPARATORS.sub(" ", plain.replace("_", " ")).strip()


@cache
def places() -> tuple[Place, ...]:
    """Return all places, by rank and then by label."""
    found = [*_own_places(), *_other_cities(), _place("UTC", "UTC", "", names=["Coordinated Universal Time", "Z"])]
    return tuple(sorted(found, key=lambda place: (place.rank, not place.is_own, place.label)))


@cache
def place_of_zone(zone: str) -> Place | None:
    """Return the place that this zone (current name) is named after."""
    return next((place for place in places() if place.is_own and place.zone == zone), None)


@cache
def popular_zones() -> tuple[str, ...]:
    """Return the zones with the most people, largest first."""
    return tuple(_lines("popular.txt"))


@cache
def windows_zones() -> dict[str, str]:
    """Return Windows names (folded, with and without "Standard Time") and their zones."""
    read = {}
    for line in _lines("windows.txt"):
        name, _, zone = line.partition("=")
        read[fold(name)] = zone
        read.setdefault(fold(name.replace(" Standard Time", " Time")), zone)
        read.setdefault(fold(name.replace(" Standard Time", " Daylight Time")), zone)
    return read


def _own_places() -> Iterator[Place]:
    aliases: dict[str, list[str]] = {}
    for name, zone in links().items():
        aliases.setdefault(zone, []).append(name)
    for zone, code in country_of_zone().items():
        old = [name for name in aliases.get(zone, []) if name in zone_names()]
        cities = [name.rpartition("/")[2] for name in [zone, *old] if NAMED_AFTER_A_CITY.match(name)]
        parent = zone.split("/")[1].replace("_", " ") if zone.count("/") == 2 else ""
        region = REGIONS.get(zone) or (parent if code == "US" else "") or name_of_country(code)
        yield _place(
            zone,
            name_of_zone(zone),
            region,
            names=[*cities, *OTHER_NAMES.get(zone, [])],
            keys=[zone, *old],
            codes=[each for each, of_code in zone_rows() if of_code == zone],
        )


def _other_cities() -> Iterator[Place]:
    for line in _lines("cities.txt"):
        zone, _, rest = line.partition(": ")
        code = country_of_zone()[zone]
        region = name_of_country(code)
        for entry in map(str.strip, rest.split(";")):
            if entry.startswith("@"):
                region = entry[1:]
                continue
            city, *others = entry.split("|")
            yield _place(zone, city, region, is_own=False, names=others, codes=[code])


def _place(
    zone: str,
    city: str,
    region: str,
    *,
    is_own: bool = True,
    names: list[str],
    keys: list[str] | None = None,
    codes: list[str] | None = None,
) -> Place:
    countries = [name for code in codes or [] for name in _names_of_country(code)]
    popular = popular_zones()
    called = tuple(dict.fromkeys(fold(name) for name in [city, *names]))
    known_as = tuple(fold(key) for key in [_label(city, region), *(keys or [])])
    stands_for = [*countries, region] if is_own else [region] if region not in countries else []
    texts = [*called, *known_as, *map(fold, countries)]
    return Place(
        zone=zone,
        city=city,
        region=region,
        is_own=is_own,
        names=called,
        keys=known_as,
        areas=tuple(fold(name) for name in stands_for),
        words=frozenset(word for text in texts for word in text.split()),
        rank=popular.index(zone) if zone in popular else len(popular),
    )


def _names_of_country(code: str) -> list[str]:
    """Return a country's names without its code: many cities begin with the same two letters."""
    return [country_names()[code], name_of_country(code), *OTHER_COUNTRIES.get(code, [])]


def _label(city: str, region: str) -> str:
    return f"{city}, {region}" if region and region != city else city


def _lines(name: str) -> Iterator[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
