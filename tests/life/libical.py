"""iCalendar as libical reads it: a parser in C, which shares nothing with the one that wrote it.

From Debian's package `libical3` (in newer releases `libical3t64`), by ctypes.
"""

import ctypes
import os
from ctypes import c_char_p, c_int, c_void_p
from dataclasses import dataclass

LIBRARIES = ["libical.so.3", "libical.so.4"]
SIGNATURES = {
    "icalparser_parse_string": (c_void_p, [c_char_p]),
    "icalcomponent_free": (None, [c_void_p]),
    "icalcomponent_count_errors": (c_int, [c_void_p]),
    "icalcomponent_string_to_kind": (c_int, [c_char_p]),
    "icalcomponent_count_components": (c_int, [c_void_p, c_int]),
    "icalcomponent_get_first_component": (c_void_p, [c_void_p, c_int]),
    "icalcomponent_get_first_property": (c_void_p, [c_void_p, c_int]),
    "icalcomponent_get_next_property": (c_void_p, [c_void_p, c_int]),
    "icalproperty_string_to_kind": (c_int, [c_char_p]),
    "icalproperty_get_value_as_string": (c_char_p, [c_void_p]),
    "icalproperty_get_parameter_as_string": (c_char_p, [c_void_p, c_char_p]),
    "icalrestriction_check": (c_int, [c_void_p]),
}


class Missing(Exception):
    """The library is not installed."""


class Unreadable(Exception):
    """Not an iCalendar object, or one with errors, or one that its method does not allow (RFC 5546)."""


@dataclass(frozen=True)
class ReadEvent:
    """The one VEVENT of an object, with its raw values."""

    method: str
    uid: str
    sequence: int
    start: str
    end: str
    status: str
    organizer: str
    attendees: tuple[str, ...]


def load() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        for function, (result, arguments) in SIGNATURES.items():
            getattr(library, function).restype = result
            getattr(library, function).argtypes = arguments
        return library
    raise Missing


def read_event(content: bytes) -> ReadEvent:
    library = load()
    calendar = library.icalparser_parse_string(content)
    if not calendar:
        raise Unreadable
    try:
        return _read(library, calendar)
    finally:
        library.icalcomponent_free(calendar)


def is_here() -> bool:
    try:
        load()
    except Missing:
        # Where everything must hold, that the second reader is missing is a failure, not a reason to leave it out.
        return os.environ.get("CI") == "true"
    return True


def _read(library: ctypes.CDLL, calendar: int) -> ReadEvent:
    vevent = library.icalcomponent_string_to_kind(b"VEVENT")
    if library.icalcomponent_count_errors(calendar) or library.icalcomponent_count_components(calendar, vevent) != 1:
        raise Unreadable
    event = library.icalcomponent_get_first_component(calendar, vevent)

    def values(component: int, name: bytes) -> list[str]:
        kind = library.icalproperty_string_to_kind(name)
        found = []
        each = library.icalcomponent_get_first_property(component, kind)
        while each:
            found.append(library.icalproperty_get_value_as_string(each).decode())
            each = library.icalcomponent_get_next_property(component, kind)
        return found

    # What the method asks for must be there, and nothing that it forbids; it notes errors in the object itself.
    if not library.icalrestriction_check(calendar) or library.icalcomponent_count_errors(calendar):
        raise Unreadable
    return ReadEvent(
        method="".join(values(calendar, b"METHOD")),
        uid=values(event, b"UID")[0],
        sequence=int(values(event, b"SEQUENCE")[0]),
        start=values(event, b"DTSTART")[0],
        end=values(event, b"DTEND")[0],
        status=values(event, b"STATUS")[0],
        organizer="".join(values(event, b"ORGANIZER")),
        attendees=tuple(values(event, b"ATTENDEE")),
    )
