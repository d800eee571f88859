"""The tables contain everything that accepts input, as read from classes, addresses, pages and views."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django import forms
from django.urls import resolve, reverse

from tests.authority.matrix import ROWS, our_addresses
from tests.authority.world import undone
from tests.hostile.addresses import QUERIES
from tests.hostile.checks import check_answer
from tests.hostile.forms import FORMS, NOT_SENT
from tests.support.pages import Element

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
OURS = ("caledee.", "scheduling.", "oneoff.")
CONTROLS = {"input", "button", "select", "textarea"}
READ = re.compile(
    r"request\.(?:GET|POST)(?:\.get\(|\.getlist\(|\[)\"(\w+)\"|\"(\w+)\" in (?:self\.)?request\.(?:GET|POST)"
)


# Who is on the way to somewhere sees what others see, but for these.
ON_THE_WAY = ("/accounts/", "/start/", "/settings/delete/")


@pytest.fixture(scope="module")
def pages(site) -> list[tuple[str, Element]]:
    """All addresses, as seen by each visitor who gets a different page there."""
    found = []
    for row in (row for row in ROWS if row.method == "GET"):
        address = reverse(row.name, args=row.arguments(site.world.things))
        for who, visitor in site.visitors.items():
            if who in {"anonymous", "himself", "owner", "stranger"} or address.startswith(ON_THE_WAY):
                with undone():  # who looks at the page of signing in while they are at the second step starts again
                    answer = visitor.get(address)
                if answer.is_page and answer.content:
                    found.append((address, check_answer(answer)))
    return found


def test_every_form_class_is_sent():
    ours = {each.__name__ for each in subclasses(forms.BaseForm) if each.__module__.startswith(OURS)}

    assert {each.__name__ for row in FORMS for each in row.of} | NOT_SENT == ours | NOT_SENT


def subclasses(parent: type) -> set[type]:
    return {below for child in parent.__subclasses__() for below in {child, *subclasses(child)}}


def test_every_address_that_takes_a_post_has_a_form(site):
    """All others answer every sender with 405 or a redirect to another page."""
    taken = set()
    for name in our_addresses() - {row.name for row in FORMS}:
        row = next(row for row in ROWS if row.name == name)
        address = reverse(name, args=row.arguments(site.world.things))
        with undone():
            statuses = {visitor.post(address, [("x", "y")]).status for visitor in site.visitors.values()}
        if not statuses <= {302, 404, 405}:
            taken.add((name, *statuses))

    assert taken == set()


def test_every_field_on_a_page_is_in_the_tables(pages):
    """All pages that any visitor sees, and the forms that come back."""
    fields = {row.name: {name for form in FORMS if form.name == row.name for name in form.fields} for row in FORMS}
    asked = {name: set(names.split()) for name, _, _, names in QUERIES}
    missing = set()
    for address, page in pages:
        for form in page.all("form"):
            target = urlsplit(form.attributes.get("action", "")).path or urlsplit(address).path
            name = f"{resolve(target).view_name}"
            names = {each.attributes["name"] for each in form if each.tag in CONTROLS and "name" in each.attributes}
            table = fields if form.attributes.get("method", "get") == "post" else asked
            known = table.get(name, set()) | {"csrfmiddlewaretoken"}
            missing |= {(name, each) for each in names if not any(alike(each, other) for other in known)}

    assert missing == set()


def alike(name: str, known: str) -> bool:
    """Return whether two names differ only in the weekday or open date."""
    return re.sub(r"^(\w+day|open\d+)-", "", name) == re.sub(r"^(\w+day|open\d+)-", "", known)


def test_every_parameter_of_a_link_is_in_the_table(pages):
    asked = {name: set(names.split()) for name, _, _, names in QUERIES}
    found = set()
    for address, page in pages:
        for link in page.all("a"):
            parts = urlsplit(link.attributes.get("href", ""))
            if not parts.netloc and parts.query and not parts.scheme:
                found |= {(resolve(parts.path or address).view_name, name) for name, _ in parse_qsl(parts.query)}

    assert {(name, parameter) for name, parameter in found if parameter not in asked.get(name, set())} == set()


def test_everything_a_view_reads_is_in_the_tables():
    read = set()
    for folder in ["caledee", "scheduling", "oneoff"]:
        for file in (ROOT / folder).rglob("*.py"):
            read |= {first or second for first, second in READ.findall(file.read_text())}
    known = {name for row in FORMS for name in row.fields} | {name for *_, names in QUERIES for name in names.split()}

    assert read
    assert read <= known
