"""Parse a typed time of day: `9`, `930`, `9.30`, `2pm`, `14h30`, `noon`. Pure functions."""

import re
import unicodedata
from datetime import time

MINUTES_OF_A_DAY = 24 * 60
LONGEST_TEXT = 20
WORDS = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})"
    r"(?:\s*(?:[:.,h]|\s)\s*(?P<minute>\d{2})(?::00)?|(?P<minutes>(?<=\d)\d{2}))?"
    r"\s*(?:h|uhr|hrs?|o'?clock)?\s*(?P<half>[ap]\.?\s*m?\.?)?",
    re.ASCII,
)


def read_clock(text: str) -> time | None:
    """Return the time of day, to the minute, or None if the text is not one.

    Without am or pm the text is on a 24-hour clock: `2` is 02:00. Midnight is `00:00`, and `24:00` is refused.
    """
    minutes = _minutes(text)
    return None if minutes is None or minutes == MINUTES_OF_A_DAY else time(minutes // 60, minutes % 60)


def read_end(text: str) -> time | None:
    """Parse the end of a span: `24:00`, `24` and `midnight` mean the end of the day, returned as 00:00."""
    minutes = _minutes(text)
    return None if minutes is None else time(minutes // 60 % 24, minutes % 60)


def _minutes(text: str) -> int | None:
    plain = unicodedata.normalize("NFKC", text[: LONGEST_TEXT + 1]).strip().casefold().replace("’", "'")
    if len(plain) > LONGEST_TEXT:
        return None
    if plain in WORDS:
        return WORDS[plain]
    match = CLOCK.fullmatch(plain)
    if match is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or match["minutes"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    total = hour * 60 + minute
    return total if minute < 60 and total <= MINUTES_OF_A_DAY else None
