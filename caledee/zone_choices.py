"""The time zones that a person can pick from, with the words to find them by."""

from collections import defaultdict
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from caledee.accounts.preferences import Clock
from caledee.reader import present_clock, say_clock


def time_zone_options(now: datetime) -> SafeString:
    """The options for `components/time-zones.html`, drawn once a minute: there are some hundreds in every page."""
    return _options_at(now.replace(second=0, microsecond=0), present_clock())


def zones_and_words(now: datetime) -> list[tuple[str, str]]:
    """Name and words of each zone that is some place's own, such as ("Asia/Kolkata", "India, 14:30").

    Aliases are accepted where a zone is typed, but not listed.
    """
    options = [(name, f"{countries}, {_clock_in(name, now)}") for name, countries in _places()]
    return [*options, ("UTC", f"Coordinated Universal Time, {_clock_in('UTC', now)}")]


@lru_cache(maxsize=4)
def _options_at(minute: datetime, _clock: Clock) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', zones_and_words(minute))


def _clock_in(zone: str, minute: datetime) -> str:
    return say_clock(minute.astimezone(ZoneInfo(zone)).time())


@cache
def _places() -> list[tuple[str, str]]:
    """Zone names and the countries they are used in, by the tables of the tzdata package."""
    zoneinfo = files("tzdata") / "zoneinfo"
    countries = dict(_rows((zoneinfo / "iso3166.tab").read_text(encoding="utf-8")))
    used_in: dict[str, list[str]] = defaultdict(list)
    for code, _place, name, *_ in _rows((zoneinfo / "zone.tab").read_text(encoding="utf-8")):
        used_in[name].append(countries[code])
    return sorted((name, ", ".join(sorted(of_zone))) for name, of_zone in used_in.items())


def _rows(table: str) -> list[list[str]]:
    return [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
