"""Rooms for video calls: each booking gets a new one, at an address made from the organizer's template.

Nothing here reads or writes the database. The random part is the only secret of a room, so no id, token or name of a
person becomes part of its address.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.text import slugify

from caledee.accounts.models import User
from caledee.accounts.preferences import ROOM_TEMPLATE_MAX_LENGTH
from caledee.locations import LocationKind
from caledee.timekeeping.wording import say_location, say_names
from caledee.web.tokens import make_token
from scheduling.models import Booking, RoomKind
from scheduling.rules import Meeting, Reason, Refusal

RANDOM, NAME = "{random}", "{name}"
RANDOM_LENGTH = 22  # of 62 letters and digits: 131 bits
SLUG_MAX_LENGTH = 40
# Takes the place of a name without any letter that an address can contain.
UNNAMED = "meeting"
EXAMPLE = "https://meet.example.org/{random}"
VIDEO_CALL, FRESH_ROOM = "Video call", "Video call, a fresh room"

IN_BRACES = re.compile(r"\{[^{}]*\}?|\}")
REQUIRED = f"Enter an address with {RANDOM}, such as {EXAMPLE}."
NOT_AN_ADDRESS = f"Enter a web address, such as {EXAMPLE}."
NOT_HTTPS = "Use an address that starts with https://."
NO_RANDOM = f"Add {RANDOM} where the name of the room belongs, as in {EXAMPLE}."
RANDOM_TWICE = f"Use {RANDOM} only once."
RANDOM_NOT_IN_PATH = f"Move {RANDOM} after the host name, and before any ? or #, as in {EXAMPLE}."
NAME_TWICE = f"Use {NAME} only once."
NAME_MISPLACED = f"Move {NAME} after {RANDOM}, and before any ? or #, as in {EXAMPLE}-{NAME}."
HAS_USER_INFO = "Leave out the user name and password before the @."
LEADS_ELSEWHERE = "Leave out backslashes, and “.” or “..” between slashes: they lead to another address."
TOO_LONG = f"Use at most {ROOM_TEMPLATE_MAX_LENGTH} characters."


def clean_template(typed: str) -> str:
    """Return the template as stored. Raises ValidationError, which says what is wrong with it.

    It is an https address with `{random}` once in its path, optionally followed by `{name}`, the meeting's name.
    """
    template = typed.strip()
    if not template:
        raise ValidationError(REQUIRED, code="required")
    if "://" not in template:
        template = f"https://{template}"
    if fault := next(_faults(template), None):
        raise ValidationError(fault, code="invalid_template")
    return template


def fresh_address(template: str, meeting_name: str) -> str:
    """Return the address of a new room. Two calls never return the same, as far as chance allows."""
    slug = slugify(meeting_name)[:SLUG_MAX_LENGTH].strip("-_") or UNNAMED
    return template.replace(RANDOM, make_token(RANDOM_LENGTH)).replace(NAME, slug)


def room_for(meeting: Meeting, organizer: User) -> str:
    """Return the address of a new room for a booking, or nothing.

    There is none if the meeting isn't to have one, or if the organizer no longer has a template: the meeting is then
    a video call to which they send the link.
    """
    if not meeting.room_kind:
        return ""
    try:
        return fresh_address(clean_template(organizer.room_template), meeting.name)
    except ValidationError:
        return ""


def room_refusals(meeting: Meeting, organizers: Sequence[User]) -> Iterator[Refusal]:
    """Refuse a kind of room that doesn't exist or doesn't fit the location, or that nobody could make.

    `organizers` are the people of whom one will be the organizer of a booking.
    """
    if not meeting.room_kind:
        return
    if meeting.room_kind not in RoomKind.values:
        yield Refusal("location_kind", Reason.INVALID, "Choose where you will meet.")
    elif meeting.location_kind != LocationKind.VIDEO:
        yield Refusal("location_kind", Reason.NOT_ALLOWED, "Only a video call can have a fresh room.")
    elif meeting.location:
        yield Refusal("location", Reason.NOT_ALLOWED, "Leave out the link: each booking gets its own.")
    elif organizers and not any(person.room_template for person in organizers):
        yield Refusal("location_kind", Reason.NOT_ALLOWED, _say_not_set_up(organizers))


def say_place(meeting: Meeting, organizer: User) -> str:
    """Return where a meeting that isn't booked will be, for the organizer side."""
    if meeting.room_kind and organizer.room_template:
        return FRESH_ROOM
    return say_location(meeting.location_kind, meeting.location, organizer.name)


def say_booked_place(booking: Booking) -> str:
    """Return where a booked meeting is, on one line."""
    if booking.room_kind and not booking.location:
        return VIDEO_CALL  # the address was deleted with the invitee's data
    return say_location(booking.location_kind, booking.location, booking.organizer.name)


def promises_link(meeting: Meeting, organizers: Sequence[User]) -> bool:
    """Return whether an invitee certainly gets the link when they book."""
    return bool(meeting.room_kind) and all(person.room_template for person in organizers)


def _say_not_set_up(people: Sequence[User]) -> str:
    who = say_names(person.name for person in people) if len(people) == 1 else "None of the hosts"
    verb = "hasn't" if len(people) == 1 else "has"
    return f"{who} {verb} set up fresh rooms. Choose another location, or set them up in Settings, Video calls."


def _faults(template: str) -> Iterator[str]:
    """Yield what is wrong with a template, the most helpful sentence first."""
    if len(template) > ROOM_TEMPLATE_MAX_LENGTH:
        yield TOO_LONG
    if not template.lower().startswith("https://"):
        yield NOT_HTTPS
    try:
        parts = urlsplit(template)
    except ValueError:
        yield NOT_AN_ADDRESS
        return
    yield from _brace_faults(template, parts.path)
    if not _is_address(template.replace(RANDOM, "x" * RANDOM_LENGTH).replace(NAME, UNNAMED)):
        yield NOT_AN_ADDRESS
    if "@" in parts.netloc:
        yield HAS_USER_INFO
    # Browsers read a backslash as a slash, and resolve dots even if they are percent-encoded.
    if "\\" in template or {".", ".."} & set(unquote(parts.path).split("/")):
        yield LEADS_ELSEWHERE


def _brace_faults(template: str, path: str) -> Iterator[str]:
    unknown = next((found for found in IN_BRACES.findall(template) if found not in {RANDOM, NAME}), None)
    if unknown is not None:
        yield f"“{unknown}” can't be filled in. Only {RANDOM} and {NAME} can be in braces."
    if RANDOM not in template:
        yield NO_RANDOM
    elif template.count(RANDOM) > 1:
        yield RANDOM_TWICE
    elif RANDOM not in path:
        yield RANDOM_NOT_IN_PATH
    if template.count(NAME) > 1:
        yield NAME_TWICE
    elif NAME in template and NAME not in path.partition(RANDOM)[2]:
        yield NAME_MISPLACED


def _is_address(text: str) -> bool:
    try:
        URLValidator(schemes=["https"])(text)
    except ValidationError:
        return False
    return text.isprintable()
