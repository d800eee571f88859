"""The tables of the tzdata package: which zone each place has, in which country, and which name stands for which."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

# Names whose link in the package leads to another country, or to a zone that only happens to have the same clocks.
LINKS_OF_OURS = {
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
    # They never change their clocks, whatever people mean by these letters.
    "EST": "Etc/GMT+5",
    "MST": "Etc/GMT+7",
    "Etc/UTC": "UTC",
    "Etc/GMT": "UTC",
    "Factory": "UTC",
}


@cache
def zone_rows() -> list[tuple[str, str]]:
    """Country code and zone of each place that has a zone of its own; the most populous of a country come early."""
    return [(row[0], row[2]) for row in _rows("zone.tab")]


@cache
def country_names() -> dict[str, str]:
    """Country codes and names as the package has them."""
    return {row[0]: row[1] for row in _rows("iso3166.tab")}


@cache
def links() -> dict[str, str]:
    """Each name that is only another name, with the present name it stands for."""
    own = {zone for _, zone in zone_rows()}
    read = {}
    for line in (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8").splitlines():
        if line.startswith("L "):
            _, target, name = line.split()
            read[name] = LINKS_OF_OURS.get(target, target)
    return {name: target for name, target in {**read, **LINKS_OF_OURS}.items() if name not in own and name != "UTC"}


def present_name(name: str) -> str:
    """The IANA name under which the zone is kept today: `Asia/Kolkata` for `Asia/Calcutta`."""
    return links().get(name, name)


def _rows(table: str) -> Iterator[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
