"""What people typed, made fit to stand in a mail, a header or a calendar. Pure.

Whatever is legitimate stays exactly as typed: accents, emoji (zero-width joiners included), other scripts, wide
spaces. What goes is what could break out of its place: control characters, the line and paragraph separators of
Unicode, and the marks that turn the direction of the text around them.
"""

import re

CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def one_line(text: str) -> str:
    """The text on one line: control characters and line breaks become single spaces."""
    return re.sub(f" *[{CONTROLS}][ {CONTROLS}]*", " ", TURNS.sub("", text)).strip(" ")


def clean_lines(text: str) -> list[str]:
    """The text's lines, without other control characters, none beginning or ending with a space, no two empty ones
    in a row."""
    lines = [one_line(line) for line in BREAKS.split(text.replace("\t", " "))]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return kept[:-1] if kept and not kept[-1] else kept
