"""Every part of an address, and the parameters and headers of a request."""

import re
from urllib.parse import quote

import pytest
from django.urls import get_resolver, reverse

from tests.authority.matrix import ROWS
from tests.authority.world import undone
from tests.hostile.addresses import HEADERS, QUERIES
from tests.hostile.checks import check_answer
from tests.hostile.values import HOSTILE, pairs_of
from tests.hostile.wire import FORM, SECRET, Visitor, write_form

pytestmark = pytest.mark.django_db

LONGEST_ADDRESS = 60_000
# Among so many parameters, and so many headers, all values are shared in the ordinary run.
SHARES = 16


def try_out(visitor: Visitor, method: str, address: str, **sent) -> str:
    if len(address) > LONGEST_ADDRESS:  # which no server reads
        return ""
    try:
        with undone():
            check_answer(visitor.ask(method, address, **sent))
    except Exception as error:
        return f"{method} {address[:200]} {str(sent)[:200]}: {type(error).__name__} {error}"
    return ""


def tried_with_queries(site, *, everything: bool) -> list[str]:
    parameters = [(name, who, arguments, each) for name, who, arguments, asked in QUERIES for each in asked.split()]
    found = []
    for place, (name, who, arguments, parameter) in enumerate(parameters):
        address = reverse(name, args=arguments(site.world.things))
        for number, sent in enumerate(HOSTILE.values()):
            if everything or number % SHARES == place % SHARES:
                query = write_form(pairs_of(parameter, sent)).decode()
                found.append(try_out(site.visitors[who], "GET", f"{address}?{query}"))
    return [wrong for wrong in found if wrong]


def test_every_parameter_takes_its_share(site):
    assert tried_with_queries(site, everything=False) == []


@pytest.mark.long
def test_every_parameter_takes_everything(site):
    assert tried_with_queries(site, everything=True) == []


def spoilt(site, name: str, arguments: list, sent: str | bytes) -> list[str]:
    """Return the address with each of its parts replaced in turn."""
    whole = reverse(name, args=arguments)
    addresses = []
    for argument in arguments:
        before, _, after = whole.partition(f"/{argument}")
        part = quote(sent.encode("utf-8", "surrogatepass") if isinstance(sent, str) else sent, safe="")
        addresses.append(f"{before}/{part}{after}")
    return addresses


def tried_with_parts(site, *, everything: bool) -> list[str]:
    found = []
    rows = [row for row in {row.name: row for row in ROWS}.values() if row.arguments(site.world.things)]
    for place, row in enumerate(rows):
        for number, sent in enumerate(HOSTILE.values()):
            if (
                isinstance(sent, str | bytes)
                and len(sent) < LONGEST_ADDRESS
                and (everything or number % len(rows) == place)
            ):
                for address in spoilt(site, row.name, row.arguments(site.world.things), sent):
                    for method in ["GET", "POST"] if everything else ["GET"]:
                        found.append(try_out(site.visitors["himself"], method, address))
    return [wrong for wrong in found if wrong]


def test_every_part_of_an_address_takes_its_share(site):
    assert tried_with_parts(site, everything=False) == []


@pytest.mark.long
def test_every_part_of_an_address_takes_everything(site):
    assert tried_with_parts(site, everything=True) == []


def test_every_kind_of_part_is_one_of_these():
    """A new converter needs test values of its own."""
    kinds = set()
    for row in ROWS:
        for possibility, *_ in get_resolver().reverse_dict.getlist(row.name) or []:
            kinds |= set(re.findall(r"%\((\w+)\)s", str(possibility)))

    assert kinds <= {"pk", "key", "person", "invitation", "proposal", "token", "handle", "slug"}


NUMBERS = ["0", "2147483648", "9223372036854775808", "9" * 300]


@pytest.mark.parametrize("number", NUMBERS)
def test_number_beyond_the_column_is_not_found(site, number):
    statuses = {
        who: site.visitors[who].post(f"/accounts/passkeys/{number}/{end}", []).status
        for who in ["himself", "owner"]
        for end in ["", "remove/"]
    }

    assert statuses == {"himself": 404, "owner": 404}


def test_headers_say_what_they_like(site):
    wrong = []
    for place, header in enumerate(HEADERS):
        for number, sent in enumerate(HOSTILE.values()):
            text = sent if isinstance(sent, str) else sent.decode("latin-1") if isinstance(sent, bytes) else str(sent)
            value = re.sub("[\r\n\x00]", " ", text)[:8_000].encode()
            if number % SHARES == place % SHARES:
                wrong.append(try_out(site.visitors["himself"], "GET", "/settings/data/", headers={header: value}))
    assert [each for each in wrong if each] == []


PARTS = "multipart/form-data; boundary=x"
BODIES = {
    "JSON": (b'{"name": "x"}', "application/json"),
    "XML": (b"<x/>", "text/xml"),
    "no type": (b"name=x", ""),
    "odd type": (b"name=x", 'x/y; charset="; boundary=\x7f'),
    "other charset": (b"name=x", f"{FORM}; charset=utf-16"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "boundary of nothing": (b"--x\r\n", "multipart/form-data; boundary="),
    "broken parts": (b'--x\r\nContent-Disposition: form-data; name="a', PARTS),
    "a file": (
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="../../x"\r\n\r\nx\r\n--x--\r\n',
        PARTS,
    ),
    "base64 that is none": (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!'
        b"\r\n--x--\r\n",
        PARTS,
    ),
    "10,000 fields": (b"&".join(b"a%d=x" % number for number in range(10_000)), FORM),
    "20 MB": (b"name=" + b"x" * 20_000_000, FORM),
    "20 MB in parts": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 20_000_000,
        PARTS,
    ),
    "octets": (bytes(range(256)) * 10, FORM),
    "empty": (b"", FORM),
    "ampersands": (b"&" * 100_000, FORM),
}


def tried_with_bodies(site, rows) -> list[str]:
    found = []
    for row in rows:
        address = reverse(row.name, args=row.arguments(site.world.things))
        for body, kind in BODIES.values():
            sent = {"Content-Type": kind.encode("latin-1"), "X-CSRFToken": SECRET}
            found.append(try_out(site.visitors["himself"], "POST", address, body=body, headers=sent))
    return [wrong for wrong in found if wrong]


def test_bodies_are_what_they_like(site):
    some = {"oneoff:create", "account_login", "healthz"}
    assert tried_with_bodies(site, [row for row in ROWS if row.name in some]) == []


@pytest.mark.long
def test_every_address_takes_every_body(site):
    assert tried_with_bodies(site, {row.name: row for row in ROWS}.values()) == []
