"""A template becomes the address of a new room, and what isn't a template is refused with the reason."""

import re

import pytest
from django.core.exceptions import ValidationError

from caledee.accounts.preferences import ROOM_TEMPLATE_MAX_LENGTH
from caledee.locations import DETAIL_MAX_LENGTH
from scheduling.rooms import (
    HAS_USER_INFO,
    LEADS_ELSEWHERE,
    NAME_MISPLACED,
    NAME_TWICE,
    NO_RANDOM,
    NOT_AN_ADDRESS,
    NOT_HTTPS,
    RANDOM_NOT_IN_PATH,
    RANDOM_TWICE,
    REQUIRED,
    TOO_LONG,
    clean_template,
    fresh_address,
)

PLAIN = "https://meet.example.org/{random}"
NAMED = "https://meet.example.org/{random}-{name}"


def refusal_of(typed: str) -> str:
    with pytest.raises(ValidationError) as refused:
        clean_template(typed)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    "template",
    [
        PLAIN,
        NAMED,
        "https://meet.example.org:8443/rooms/{random}",
        "https://meet.example.org/r-{random}/{name}",
        "https://localhost/{random}",
        "https://[2001:db8::1]/{random}",
        "https://münchen.example/räume/{random}",
        "https://meet.example.org/{random}?lang=en#config.prejoin=false",
        "HTTPS://meet.example.org/{random}",
    ],
)
def test_a_template_is_stored_as_typed(template):
    assert clean_template(template) == template


@pytest.mark.parametrize("typed", ["meet.example.org/{random}", "  https://meet.example.org/{random} "])
def test_a_template_gets_its_scheme_and_loses_spaces_around_it(typed):
    assert clean_template(typed) == PLAIN


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", REQUIRED),
        ("   ", REQUIRED),
        ("http://meet.example.org/{random}", NOT_HTTPS),
        ("ftp://meet.example.org/{random}", NOT_HTTPS),
        ("javascript://meet.example.org/{random}", NOT_HTTPS),
        ("https://meet.example.org/", NO_RANDOM),
        ("https://meet.example.org/{random}/{random}", RANDOM_TWICE),
        ("https://{random}.example.org/room", RANDOM_NOT_IN_PATH),
        ("https://{random}", RANDOM_NOT_IN_PATH),
        ("https://meet.example.org?room={random}", RANDOM_NOT_IN_PATH),
        ("https://meet.example.org/room?id={random}", RANDOM_NOT_IN_PATH),
        ("https://meet.example.org/#{random}", RANDOM_NOT_IN_PATH),
        ("https://{random}@meet.example.org/", RANDOM_NOT_IN_PATH),
        ("https://meet.example.org/{random}/{name}/{name}", NAME_TWICE),
        ("https://meet.example.org/{name}-{random}", NAME_MISPLACED),
        ("https://{name}.example.org/{random}", NAME_MISPLACED),
        ("https://meet.example.org/{random}?subject={name}", NAME_MISPLACED),
        ("https://meet.example.org/{random}#{name}", NAME_MISPLACED),
        ("https://ada@meet.example.org/{random}", HAS_USER_INFO),
        ("https://ada:secret@meet.example.org/{random}", HAS_USER_INFO),
        ("https://meet.example.org/{random}/..", LEADS_ELSEWHERE),
        ("https://meet.example.org/{random}/%2E%2e/lobby", LEADS_ELSEWHERE),
        ("https://meet.example.org/./{random}", LEADS_ELSEWHERE),
        ("https://meet.example.org/{random}\\..", LEADS_ELSEWHERE),
        ("https://meet example.org/{random}", NOT_AN_ADDRESS),
        ("https://meet.example.org/{random} room", NOT_AN_ADDRESS),
        ("https://meet.example.org/\x00{random}", NOT_AN_ADDRESS),
        ("https://meet/{random}", NOT_AN_ADDRESS),
        ("https:///{random}", NOT_AN_ADDRESS),
        ("https://[meet/{random}", NOT_AN_ADDRESS),
        ("https://meet.example.org:99999999/{random}", NOT_AN_ADDRESS),
        (PLAIN + "x" * ROOM_TEMPLATE_MAX_LENGTH, TOO_LONG),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_with_the_reason(typed, reason):
    assert refusal_of(typed) == reason


@pytest.mark.parametrize("found", ["{random", "}", "{}", "{Random}", "{token}", "{email}"])
def test_nothing_else_can_be_in_braces(found):
    typed = f"https://meet.example.org/{{random}}/{found}"

    assert refusal_of(typed) == f"“{found}” can't be filled in. Only {{random}} and {{name}} can be in braces."


def test_a_room_has_22_letters_and_digits():
    address = fresh_address(PLAIN, "Intro call")

    assert re.fullmatch(r"https://meet\.example\.org/[A-Za-z0-9]{22}", address)


def test_no_two_rooms_are_the_same_and_all_62_letters_occur():
    rooms = [fresh_address(PLAIN, "Intro call").rpartition("/")[2] for _ in range(500)]

    assert len(set(rooms)) == 500
    assert len(set("".join(rooms))) == 62


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Intro call", "intro-call"),
        ("  Grüße & Küsse!  ", "grue-kusse"),
        ("{random} {name}", "random-name"),
        ("../../admin?x=1#y", "adminx1y"),
        ("面接", "meeting"),
        ("---", "meeting"),
        ("x" * 39 + " yz", "x" * 39),
        ("x" * 100, "x" * 40),
    ],
)
def test_the_name_is_written_in_ascii_letters(name, slug):
    address = fresh_address(NAMED, name)

    assert re.fullmatch(r"https://meet\.example\.org/[A-Za-z0-9]{22}-(.+)", address)[1] == slug


def test_the_longest_address_fits_the_location_of_a_booking():
    template = f"https://meet.example.org/{'x' * (ROOM_TEMPLATE_MAX_LENGTH - len(NAMED))}{{random}}-{{name}}"

    assert len(clean_template(template)) == ROOM_TEMPLATE_MAX_LENGTH
    assert len(fresh_address(template, "x" * 100)) <= DETAIL_MAX_LENGTH
