"""Make typed text safe for an email, a header or a calendar. Pure functions.

Legitimate text stays as typed: accents, emoji (with zero-width joiners), other scripts, wide spaces. Removed are
characters that could break out of their place: control characters, Unicode's line and paragraph separators, and marks
that change the direction of the surrounding text.
"""

import re

CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def one_line(text: str) -> str:
    """Return the text on one line: control characters and line breaks become single spaces."""
    return re.sub(f" *[{CONTROLS}][ {CONTROLS}]*", " ", TURNS.sub("", text)).strip(" ")


def clean_lines(text: str) -> list[str]:
    """Split the text into lines, without control characters, surrounding spaces or consecutive empty lines."""
    lines = [one_line(line) for line in BREAKS.split(text.replace("\t", " "))]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return kept[:-1] if kept and not kept[-1] else kept
