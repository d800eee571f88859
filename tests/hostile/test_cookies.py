"""A cookie of ours with invalid content gets the same answer as no cookie."""

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing
from django.http import parse_cookie

from scheduling.views.bookings import COOKIE
from tests.authority.world import undone
from tests.hostile.addresses import COOKIES
from tests.hostile.checks import check_answer
from tests.hostile.values import HOSTILE
from tests.hostile.wire import FORM

pytestmark = pytest.mark.django_db

KEY = "abcdefghijklmnopqrstuvwxyz012345"  # as long as a session's
# In a quoted value octal escapes are read as octets. A key of fewer than 8 characters never reaches the database.
ODD_COOKIES = [
    *['"\\000"', '"\\012X-Smuggled: 1"', '"\\303"', '"', "null", "x:y:z", "[]", "", "é", "\x80", "a" * 10_000],
    *['"abcdefgh\\000ijkl"', f'"{KEY[:-1]}\\000"', f'"\\000{KEY[1:]}"', f'"{KEY}\\000"', '"' + "\\000" * 2_500 + '"'],
    *['"abcdefgh\\355\\240\\200"', "abcdefgh\udced\udca0\udc80".encode("utf-8", "surrogateescape"), KEY, KEY.upper()],
    *["abcdefgh%00ijkl", f'"{KEY}\\377"', f"{KEY}\x0b", "ａｂｃｄｅｆｇｈ", "👩‍💻" * 500, "\u202e" + KEY],
]
SHAPES = [
    *[{}, {"a": 1}, [], [[]], [{}], [None], [1], 0, 1.5, None, True, "", "abcdefgh", ["\x00"], ["\ud800"], [["x"], 1]],
    *[["__json_message"], ["__json_message", 0], [["__json_message", 1, 20]], [["__json_message", 1, 20, ["x"]]]],
    *[[["__json_message", 0, "x", {}]], ["__messagesnotfinished__"], "__messagesnotfinished__"],
]
ADDRESSES = ["/", "/one-offs/", "/accounts/login/", "/nowhere/at/all/"]


def ask_with(site, cookie: str | bytes) -> list[str]:
    """Return what is wrong with the responses to a request with this Cookie header."""
    visitor, wrong = site.visitors["anonymous"], []
    header = cookie if isinstance(cookie, bytes) else cookie.encode()
    link = site.world.things["one_off"].link.get_absolute_url()
    for address in [*ADDRESSES, link]:
        for method, body in [("GET", None), ("POST", b"login=x")]:
            headers = {"Cookie": header, "Content-Type": FORM}
            with undone():
                try:
                    check_answer(visitor.ask(method, address, body, headers))
                except Exception as error:
                    wrong.append(f"{method} {address} {header[:80]!r}: {type(error).__name__} {error}")
    return wrong


@pytest.mark.parametrize("name", COOKIES)
def test_cookies_hold_what_they_like(site, name):
    wrong = []
    for value in ODD_COOKIES:
        octets = value if isinstance(value, bytes) else value.encode()
        wrong += ask_with(site, name.encode() + b"=" + octets)
    assert wrong == []


def test_some_of_these_cookies_would_reach_the_database_with_a_nul():
    read = [parse_cookie(f"sessionid={value}")["sessionid"] for value in ODD_COOKIES if isinstance(value, str)]

    assert len([value for value in read if "\0" in value and len(value) == len(KEY)]) == 2
    assert len([value for value in read if "\0" in value and len(value) > 8]) == 5


@pytest.mark.parametrize("name", COOKIES)
def test_cookies_come_twice(site, name):
    assert ask_with(site, f'{name}=x; {name}="abcdefgh\\000"; {name}={KEY}; {name}="abcdefgh\\000ijkl"') == []


def test_cookies_have_any_name(site):
    names = ["time_zone", "clock", "django_language", "sessionid2", "__Host-sessionid", "mfa_trusted", "g_csrf_token"]
    assert ask_with(site, "; ".join(f'{name}="abcdefgh\\000ijkl"' for name in names)) == []


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_signed_cookies_hold_another_shape(site, shape):
    signed = {
        "bookings": signing.dumps(shape, salt=COOKIE),
        "messages": signing.get_cookie_signer(salt=CookieStorage.key_salt).sign_object(shape),
    }
    assert ask_with(site, "; ".join(f"{name}={value}" for name, value in signed.items())) == []


NO_JSON = {"nothing": b"", "text": b"{", "octets": b"\xff\xfe", "deep": b"[" * 5_000, "surrogate": b'["\xed\xa0\x80"]'}


@pytest.mark.parametrize("compress", ["", "."])
@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON.keys())
def test_signed_cookies_hold_no_json(site, content, compress):
    """Include content that claims to be compressed and is not."""
    packed = signing.b64_encode(content).decode()
    values = {
        "bookings": signing.TimestampSigner(salt=COOKIE).sign(compress + packed),
        "messages": signing.get_cookie_signer(salt=CookieStorage.key_salt).sign(compress + packed),
    }
    assert ask_with(site, "; ".join(f"{name}={value}" for name, value in values.items())) == []


@pytest.mark.long
@pytest.mark.parametrize("name", COOKIES)
def test_cookies_hold_every_hostile_value(site, name):
    wrong = []
    for sent in HOSTILE.values():
        text = sent if isinstance(sent, str) else str(sent)
        escaped = "".join(f"\\{octet:03o}" for octet in text.encode()[:2_000])
        wrong += ask_with(site, f'{name}="{escaped}"')
    assert wrong == []
