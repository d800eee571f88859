"""Every account page uses our template, changes nothing on GET, and survives any input."""

import json
from pathlib import Path

import allauth
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from caledee.accounts.signin.urls import urlpatterns
from tests.caledee.accounts.steps import (
    LOGIN,
    SECURITY,
    SIGNUP,
    is_signed_in,
    recovery_codes_of,
    set_up_app,
    sign_in,
)
from tests.support.pages import read
from tests.support.tables import all_rows

BAD = ["\x00", "a\r\nBcc: eve@example.com", "x" * 20_000, "\u202e\u2028\ud7ff", "' OR 1=1 --", "[", "🙂" * 500]
BAD_NEXT = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example",
    "///elsewhere.example",
    "http://[",
    "javascript:alert(1)",
    "http://caledee.test/event-types/",
    "\x00",
    "\r\nLocation: https://elsewhere.example/",
    "x" * 20_000,
]


def addresses(person) -> list[str]:
    passkey = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key", "credential": {}})
    return [
        reverse(pattern.name, args=[passkey.pk] if "<int:pk>" in str(pattern.pattern) else [])
        for pattern in urlpatterns
    ]


def rows_but_sessions():
    return {label: rows for label, rows in all_rows().items() if label != "sessions.Session"}


def half_way(ada):
    """Return browsers at each stage of signing in: a stranger's, one at the second step, and two signed in."""
    stranger, waiting, signed_in, known = Client(), Client(), Client(), Client()
    sign_in(known, ada)
    set_up_app(known)
    for client in [waiting, signed_in]:
        sign_in(client, ada)
    signed_in.post(reverse("mfa_authenticate"), {"code": recovery_codes_of(ada)[0]})
    stranger.post(reverse("account_reset_password"), {"email": "ada@example.com"})
    return {"stranger": stranger, "waiting": waiting, "signed in": signed_in, "known": known}


@pytest.fixture
def browsers(ada):
    cache.clear()
    return half_way(ada)


def test_looking_at_pages_changes_nothing_and_every_page_is_ours(ada, browsers):
    # Without a passkey whose data could not be read.
    places = [address for address in addresses(ada) if "passkeys/add" not in address and "passkey/" not in address]
    Authenticator.objects.filter(type="webauthn").delete()
    before = rows_but_sessions()

    for client in browsers.values():
        for address in [*places, reverse("mfa_login_webauthn"), reverse("mfa_add_webauthn")]:
            response = client.get(address)
            assert response.status_code in {200, 302, 404, 405}, address
            for template in response.templates:
                path = Path(template.origin.name)
                assert not path.is_relative_to(Path(allauth.__file__).parent), (address, template.name)

    assert rows_but_sessions() == before


def test_only_the_addresses_that_have_a_page_of_ours_exist():
    pages = {
        str(pattern.pattern)
        for resolver in get_resolver().url_patterns
        if str(resolver.pattern) == "accounts/"
        for pattern in resolver.url_patterns
    }

    assert pages == {str(pattern.pattern) for pattern in urlpatterns}
    assert {view.lookup_str.partition(".")[0] for view in urlpatterns} <= {"caledee", "allauth"}


@pytest.mark.parametrize("value", BAD)
def test_no_input_breaks_a_page(ada, browsers, value):
    fields = ["login", "email", "password", "password1", "oldpassword", "code", "name", "time_zone", "action"]

    for client in browsers.values():
        for pattern in urlpatterns:
            if pattern.name in {"account_logout", "account_start_again"} or "<int:pk>" in str(pattern.pattern):
                continue
            typed = dict.fromkeys([*fields, "next"], value)
            status = client.post(reverse(pattern.name), typed).status_code
            assert status in {200, 302, 404, 405, 422}, (pattern.name, value[:20])


@pytest.mark.parametrize("address", BAD_NEXT)
def test_nobody_is_led_to_another_site(ada, address):
    client = Client()
    response = client.post(LOGIN, {"login": "ada@example.com", "password": "caledee-demo", "next": address})
    assert client.get(LOGIN, {"next": address}).status_code == 302
    assert Client().get(LOGIN, {"next": address}).status_code == 200
    assert Client().get(SIGNUP, {"next": address}).status_code == 200
    known = client.post(reverse("account_reauthenticate"), {"password": "caledee-demo", "next": address})
    gone = client.post(reverse("account_logout"), {"next": address})

    assert (response.status_code, known.status_code, gone.status_code) == (302, 302, 302)
    for answer in [response, known, gone]:
        place = answer["Location"]
        assert place.startswith(("/", "x")), place
        assert not place.startswith(("//", "/\\")), place


def test_security_page_says_how_things_are(client, ada, django_assert_num_queries):
    sign_in(client, ada)
    set_up_app(client)
    key = {"id": "YQ"}
    for name in ["Phone <b>", "Laptop"]:
        Authenticator.objects.create(user=ada, type="webauthn", data={"name": name, "credential": key})

    with django_assert_num_queries(3):
        page = read(client.get(SECURITY))

    rows = [each for each in page.one("main").one("ul", class_="listing security").content if hasattr(each, "tag")]
    assert [row.all("h2")[0].text for row in rows] == [
        "Email address",
        "Password",
        "Passkeys On",
        "Authenticator app On",
        "Recovery codes",
    ]
    assert "ada@example.com" in rows[0].text
    assert [each.all("strong")[0].text for each in rows[2].all("li")[1:]] == ["Phone <b>", "Laptop"]
    assert "10 of 10 left" in rows[4].text


def test_security_page_is_for_who_is_signed_in(client, ada):
    assert client.get(SECURITY)["Location"] == f"{LOGIN}?next={SECURITY}"
    sign_in(client, ada)
    set_up_app(client)
    other = Client()
    assert not is_signed_in(other)


def test_sign_in_page_leads_to_the_other_ways_in(client, db):
    page = read(client.get(LOGIN, {"next": "/one-offs/?a=1&b=2"}))

    links = {link.text: link["href"] for link in page.one("main").all("a")}
    assert links == {
        "Create an account": "/accounts/signup/?next=%2Fone-offs%2F%3Fa%3D1%26b%3D2",
        "Forgot your password?": "/accounts/password/reset/",
        "Sign in with a passkey": "/accounts/login/passkey/?next=/one-offs/%3Fa%3D1%26b%3D2",
    }


def test_options_for_the_browser_are_whole_json(client, db):
    (button,) = [
        each
        for each in read(client.get(reverse("mfa_login_webauthn"))).all("button")
        if "data-passkey" in each.attributes
    ]

    assert json.loads(button["data-passkey-options"])["publicKey"]["rpId"] == "testserver"
