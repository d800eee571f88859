"""The tables of the tzdata package: the zones of places, their countries, and aliases of zones."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

# Aliases that the package links to another country, or to an unrelated zone with the same clocks.
OUR_LINKS = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    # These never change their clocks, regardless of what people mean by them.
    "EST": "Etc/GMT+5",
    "MST": "Etc/GMT+7",
    "Etc/UTC": "UTC",
    "Etc/GMT": "UTC",
    "Factory": "UTC",
}


@cache
def zone_rows() -> list[tuple[str, str]]:
    """Return the country code and zone of each place with its own zone. Populous ones of a country come first."""
    return [(row[0], row[2]) for row in _rows("zone.tab")]


@cache
def country_names() -> dict[str, str]:
    """Return the package's country names by code."""
    return {row[0]: row[1] for row in _rows("iso3166.tab")}


@cache
def links() -> dict[str, str]:
    """Return aliases and the current names they stand for."""
    own = {zone for _, zone in zone_rows()}
    read = {}
    for line in (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8").splitlines():
        if line.startswith("L "):
            _, target, name = line.split()
            read[name] = OUR_LINKS.get(target, target)
    return {name: target for name, target in {**read, **OUR_LINKS}.items() if name not in own and name != "UTC"}


def present_name(name: str) -> str:
    """Return the current IANA name of a zone: `Asia/Kolkata` for `Asia/Calcutta`."""
    return links().get(name, name)


def _rows(table: str) -> Iterator[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
