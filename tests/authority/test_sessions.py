"""How a request is identified: sessions, cookies, redirect targets, and headers."""

import re

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from caledee.email.models import EmailRecord
from tests.authority.world import undone
from tests.caledee.accounts.steps import LOGIN, code_of_app, is_signed_in, set_up_app, sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//caledee.test@evil.example",
    "/%09/evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "https://caledee.test.evil.example/",
    "evil.example",
    "%2f%2fevil.example",
    " //evil.example",
    "\u2028//evil.example",
    "//evil%E3%80%82example",
    "/\r\nLocation: //evil.example",
]


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value if "sessionid" in client.cookies else ""


@pytest.mark.parametrize("next_page", ELSEWHERE)
@pytest.mark.parametrize("way", ["query", "field"])
def test_nobody_is_led_elsewhere_after_signing_in(world, next_page, way):
    with undone():
        client, ada = Client(), world.people["owner"]
        fields = {"login": ada.email, "password": PASSWORD}
        if way == "query":
            response = client.post(LOGIN, fields, query_params={"next": next_page})
        else:
            response = client.post(LOGIN, fields | {"next": next_page})
        leaving = client.post(reverse("account_logout"), {"next": next_page})

    for answer in [response, leaving]:
        assert answer.status_code == 302
        assert re.fullmatch(r"/([^/\\\s][!-~]*)?", answer["Location"]), answer["Location"]


@pytest.mark.parametrize("next_page", ELSEWHERE)
def test_stored_addresses_lead_to_no_other_site(world, next_page):
    with undone():
        client = Client(headers={"Referer": "https://evil.example/"})
        client.force_login(world.people["himself"])
        address = reverse("scheduling:mail_understood", args=[world.things["undelivered"].pk])
        response = client.post(address, {"next": next_page})

    assert re.fullmatch(r"/([^/\\\s][!-~]*)?", response["Location"]), response["Location"]


def test_session_is_new_after_signing_in_and_dead_after_signing_out(world):
    with undone():
        client, ada = Client(), world.people["owner"]
        client.post(reverse("account_signup"), {"name": "x"})
        session = client.session
        session["planted"] = "x"
        session.save()
        client.cookies["sessionid"] = session.session_key
        planted = key_of(client)
        sign_in(client, ada)
        signed_in = key_of(client)
        thief = Client()
        thief.cookies["sessionid"] = planted
        assert not is_signed_in(thief)
        assert signed_in not in {planted, ""}
        assert is_signed_in(client)
        copy = Client()
        copy.cookies["sessionid"] = signed_in
        assert is_signed_in(copy)
        client.post(reverse("account_logout"))
        assert not is_signed_in(copy)


def test_session_is_new_at_the_second_step(world):
    with undone():
        grace = world.people["admin"]
        owner = Client()
        owner.force_login(grace)
        secret = set_up_app(owner)
        client = Client()
        sign_in(client, grace)
        half = key_of(client)
        assert not is_signed_in(client)
        assert client.post(reverse("mfa_authenticate"), {"code": code_of_app(secret)}).status_code == 302
        assert is_signed_in(client)
        assert key_of(client) != half
        thief = Client()
        thief.cookies["sessionid"] = half
        assert not is_signed_in(thief)


def test_session_is_new_after_a_change_of_password_and_the_others_end(world):
    with undone():
        grace = world.people["admin"]
        client, other = Client(), Client()
        sign_in(client, grace)
        sign_in(other, grace)
        before = key_of(client)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        fields = {"oldpassword": PASSWORD, "password1": "orbit-the-earth-5"}
        assert client.post(reverse("account_change_password"), fields).status_code == 302
        assert is_signed_in(client)
        assert key_of(client) != before
        assert not is_signed_in(other)


def test_cookies_are_for_this_site_alone(world):
    """Check the flags of every cookie. `secure` follows BASE_URL (tests/caledee/test_settings.py)."""
    with undone():
        client = Client()
        client.get("/accounts/login/")
        sign_in(client, world.people["owner"])
        client.post(f"/event-types/{world.people['owner'].event_types.get().pk}/switch/")
        client.post(
            world.things["one_off"].link.get_absolute_url(),
            {
                "slot": world.things["time"].pk,
                "name": "Dana",
                "email": "dana@example.com",
                "time_zone": "Europe/Paris",
            },
        )
        flags = {
            name: (morsel["httponly"], morsel["samesite"], morsel["domain"], bool(morsel["secure"]))
            for name, morsel in client.cookies.items()
        }

    assert flags == dict.fromkeys(
        ["csrftoken", "sessionid", "messages", "bookings", "known_browser"], (True, "Lax", "", False)
    )


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.66",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-URL": "/admin/",
}


def test_links_come_from_the_settings_and_never_from_the_request(world):
    with undone():
        client = Client(headers=FORGED | {"Host": "127.0.0.1"})
        client.force_login(world.people["himself"])
        page = client.get(reverse("oneoff:detail", args=[world.things["one_off"].pk])).text
        listed = client.get("/event-types/").text
        seen = client.get("/").wsgi_request

    assert f"http://caledee.test/alan/o/{world.things['one_off'].link.token}/" in page
    assert "http://caledee.test/alan/" in listed
    assert "evil.example" not in page + listed
    assert "127.0.0.1" not in page + listed
    assert (seen.is_secure(), seen.get_host()) == (False, "127.0.0.1")
    assert EmailRecord.objects.exists()


@pytest.mark.parametrize(
    "host", ["evil.example", "caledee.test.evil.example", "caledee.test@evil.example", "a b", "", "[::1"]
)
def test_other_hosts_are_refused(world, host):
    response = Client(headers={"Host": host}).get("/accounts/login/")

    assert response.status_code == 400
    assert "evil" not in response.text
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_no_error_page_can_be_framed(world):
    """Include error pages that neither the matrix nor the forms reach."""
    with undone():
        client = Client(raise_request_exception=False)
        alan = Client()
        alan.force_login(world.people["himself"])
        answers = [
            client.get("/accounts/login/", headers={"Host": "evil.example"}),
            Client(enforce_csrf_checks=True).post("/accounts/login/"),
            alan.get(reverse("team:edit", args=[world.things["organization"].pk])),
            client.get("/nobody-here/"),
            client.post("/robots.txt"),
            alan.post(reverse("team:leave", args=[world.things["organization"].pk])),
            client.post("/accounts/login/", {}),
        ]
        with override_settings(ROOT_URLCONF="tests.authority.broken"):
            answers.append(client.get("/broken/"))

    assert [answer.status_code for answer in answers] == [400, 403, 403, 404, 405, 302, 422, 500]
    for answer in answers:
        assert answer["X-Frame-Options"] == "DENY", answer.status_code
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], answer.status_code
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert settings.X_FRAME_OPTIONS == "DENY"
