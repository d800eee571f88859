"""A form that could not be accepted is shown again with the typed values, to its owner only."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from caledee.web.resending import is_secret
from oneoff.models import OneOffMeeting
from scheduling.models import EventType
from tests.factories import PASSWORD, make_invitation
from tests.hostile.forms import FORMS
from tests.hostile.values import HOSTILE, LEGITIMATE, as_read, pairs_of
from tests.support.pages import Element, read
from tests.support.times import NOW

HERE = {"Origin": "http://caledee.test"}
ELSEWHERE = {"Origin": "https://evil.example"}
NEW = "/event-types/new/"
CREATOR = "/one-offs/new/"
TYPED = {
    "name": "Chess & more",
    "slug": "chess",
    "duration": "45",
    "location_kind": "address",
    "location": "Room <1>",
    "description": "Bring\r\na “board”.",
    "active": "on",
}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def adas(ada):
    """Ada's browser, with CSRF protection enabled."""
    client = Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})
    client.force_login(ada)
    return client


def hidden_in(page: Element) -> list[tuple[str, str]]:
    form = page.one("main").one("form", method="post")
    return [(each["name"], each["value"]) for each in form.all("input", type="hidden")]


def send_again(client: Client, page: Element, **more: str):
    form = page.one("main").one("form", method="post")
    fields: dict[str, list[str]] = {}
    for name, value in hidden_in(page):
        fields.setdefault(name, []).append(value)
    return client.post(form["action"], fields | more, headers=HERE)


def make_stale(client: Client, how: str) -> None:
    match how:
        case "no cookie":
            client.cookies.pop("csrftoken", None)
        case "another token":
            client.cookies["csrftoken"] = "y" * 32
        case "nonsense":
            client.cookies["csrftoken"] = "x"


@pytest.mark.parametrize("how", ["no cookie", "another token", "nonsense"])
@pytest.mark.parametrize("headers", [HERE, {"Sec-Fetch-Site": "same-origin"}, {}], ids=str)
def test_what_was_typed_comes_back_and_one_press_sends_it(adas, ada, how, headers):
    adas.get(NEW)
    make_stale(adas, how)

    refused = adas.post(NEW, TYPED | {"csrfmiddlewaretoken": "z" * 64}, headers=headers)

    page = read(refused)
    assert (refused.status_code, refused["Cache-Control"]) == (403, "no-store")
    assert page.one("h1").text == "This form has expired"
    assert "Send the form again as Ada Lovelace" in page.one("main").text
    assert [each for each in hidden_in(page) if each[0] != "csrfmiddlewaretoken"] == list(TYPED.items())
    assert page.one("main").one("form")["action"] == NEW
    assert not EventType.objects.filter(slug="chess").exists()
    taken = send_again(adas, page)
    assert taken.status_code == 302
    made = EventType.objects.get(slug="chess")
    assert (made.organizer, made.location, made.description) == (ada, "Room <1>", "Bring\na “board”.")


def test_signing_in_again_in_another_tab_loses_nothing(adas, ada):
    adas.force_login(ada)
    token = dict(hidden_in_all(read(adas.get(CREATOR))))["csrfmiddlewaretoken"]
    other_tab = dict(hidden_in_all(read(adas.get("/accounts/logout/"))))["csrfmiddlewaretoken"]
    adas.post("/accounts/logout/", {"csrfmiddlewaretoken": other_tab}, headers=HERE)
    login = dict(hidden_in_all(read(adas.get("/accounts/login/"))))["csrfmiddlewaretoken"]
    signed_in = adas.post(
        "/accounts/login/", {"login": ada.email, "password": PASSWORD, "csrfmiddlewaretoken": login}, headers=HERE
    )
    assert signed_in.status_code == 302
    fields = {
        "name": "Interview", "duration": "30", "location_kind": "video", "location": "meet.example.com/x",
        "times": ["2099-12-01T09:00"], "create": "1",
    }  # fmt: skip

    refused = adas.post(CREATOR, fields | {"csrfmiddlewaretoken": token}, headers=HERE)
    again = send_again(adas, read(refused))

    assert (refused.status_code, again.status_code) == (403, 422)  # the year is too far: it was read
    assert read(again).by_id("id_name")["value"] == "Interview"
    assert not OneOffMeeting.objects.exists()


def hidden_in_all(page: Element) -> list[tuple[str, str]]:
    return [(each["name"], each["value"]) for each in page.all("input", type="hidden")]


def test_signed_out_person_signs_in_first_and_keeps_what_was_typed(ada):
    client = Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})

    refused = client.post(NEW, TYPED, headers=HERE)

    page = read(refused)
    assert (refused.status_code, page.one("h1").text) == (403, "Sign in to continue")
    sign_in = page.one("main").one("a", class_="button primary")
    assert (sign_in["href"], sign_in["target"], sign_in["rel"]) == ("/accounts/login/", "_blank", "noopener")
    client.force_login(ada)
    make_stale(client, "another token")  # as signing in does
    once_more = send_again(client, page)
    assert once_more.status_code == 403
    assert send_again(client, read(once_more)).status_code == 302
    assert EventType.objects.get(slug="chess").organizer == ada


@pytest.mark.parametrize("headers", [HERE, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_a_session_that_ended_loses_nothing_either(ada, headers):
    """The token is right, but the session has ended."""
    page = read(Client().post(NEW, TYPED, headers=headers | {"Host": "caledee.test"}))

    assert page.one("h1").text == "Sign in to continue"
    assert [each for each in hidden_in(page) if each[0] != "csrfmiddlewaretoken"] == list(TYPED.items())


@pytest.mark.parametrize(
    ("fields", "headers"), [(TYPED, {}), (TYPED, ELSEWHERE), ({}, HERE), ({"name": "", "password": "x"}, HERE)]
)
def test_else_it_leads_to_sign_in(db, fields, headers):
    response = Client().post(NEW, fields, headers=headers | {"Host": "caledee.test"})

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={NEW}")


@pytest.mark.parametrize(
    "headers",
    [
        ELSEWHERE,
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/"},
        HERE | {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_a_forged_form_never_becomes_a_button_to_press(adas, headers, htmx):
    for client in (adas, Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})):
        response = client.post(NEW, TYPED, headers=headers | htmx)

        assert response.status_code == 403
        page = read(response).one("main")
        assert page.one("h1").text == "This form was sent from another site"
        assert page.all("form") == page.all("input") == []
        assert "Chess" not in response.text
        assert "HX-Retarget" not in response.headers


def test_htmx_shows_it_in_place_of_the_whole_page(adas):
    step = {"name": "Interview", "duration": "30", "times": ["2026-12-01T09:00", "2026-12-01T09:00"], "refresh": "1"}

    response = adas.post(CREATOR, step, headers=HERE | {"HX-Request": "true"})

    assert response.status_code == 422  # htmx shows this one
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("body", "innerHTML show:window:top")
    page = read(response)
    assert ("times", "2026-12-01T09:00") in hidden_in(page)
    whole = send_again(adas, page)
    assert whole.status_code == 200
    assert read(whole).by_id("id_name")["value"] == "Interview"


def test_the_query_of_the_address_is_kept(adas):
    page = read(adas.post(f"{NEW}?next=%2Fx%26y&a=%22", TYPED, headers=HERE))

    assert page.one("main").one("form")["action"] == f"{NEW}?next=%2Fx%26y&a=%22"


def test_passwords_and_codes_are_asked_for_again(ada):
    client = Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})

    refused = client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD}, headers=HERE)

    page = read(refused)
    assert (refused.status_code, page.one("h1").text) == (403, "This form has expired")
    assert PASSWORD not in refused.text
    again = page.by_id("again-password")
    assert (again["type"], again["name"], again.attributes.get("value", "")) == ("password", "password", "")
    assert dict(hidden_in(page))["login"] == ada.email
    assert send_again(client, page, password=PASSWORD)["Location"] == "/event-types/"


def test_every_secret_field_of_every_form_is_known_as_one_and_nothing_else_is():
    secret = {"password", "code", "credential"}
    wrong = {
        (row.name, name)
        for row in FORMS
        for name, kind in row.fields.items()
        if is_secret(name) != (kind in secret) and name != "passwordless"
    }

    assert wrong == set()
    assert is_secret("csrfmiddlewaretoken")


def test_every_secret_that_can_be_typed_again_is_asked_for(db):
    names = {name for row in FORMS for name, kind in row.fields.items() if kind in {"password", "code"}}
    client = Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})

    page = read(client.post("/accounts/login/", dict.fromkeys([*names, "credential"], "swordfish"), headers=HERE))

    asked = {each["name"] for each in page.one("main").all("input") if each["type"] != "hidden"}
    assert asked == names
    assert "swordfish" not in page.text


@pytest.mark.parametrize("name", [*HOSTILE, *LEGITIMATE])
def test_every_typed_value_comes_back_unchanged(adas, name):
    sent = (HOSTILE | LEGITIMATE)[name]
    pairs = pairs_of("name", sent)
    values = [as_read(value) for _, value in pairs]

    response = adas.post(NEW, {"name": values, '"><b>': "x"}, headers=HERE)

    assert response.status_code == 403
    carried = [value for field, value in hidden_in(read(response)) if field == "name"]
    assert [value.replace("\ufffd", "") for value in carried] == [value.replace("\ufffd", "") for value in values]
    assert ('"><b>', "x") in hidden_in(read(response))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"--x\r\ngarbage", "multipart/form-data; boundary=x"),
        (b"&".join(b"a%d=1" % n for n in range(600)), "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
    ],
)
def test_nonsense_in_the_body_is_refused(adas, body, kind):
    response = adas.generic("POST", NEW, body, content_type=kind, headers=HERE)

    assert 400 <= response.status_code < 500


def test_it_works_at_a_secret_address_too(ada, mary):
    """Its header hides referrers: without the page's own policy, browsers would send "Origin: null"."""
    client = Client(enforce_csrf_checks=True, headers={"Host": "caledee.test"})
    client.force_login(mary)
    invitation = make_invitation(ada.organizations.get(), mary.email, ada)

    refused = client.post(f"/invitations/{invitation.token}/", headers=HERE)

    page = read(refused)
    assert (refused.status_code, refused["Referrer-Policy"], refused["Cache-Control"]) == (
        403,
        "no-referrer",
        "no-store",
    )
    assert page.one("meta", name="referrer")["content"] == "same-origin"
    assert send_again(client, page).status_code == 302


def test_settings_come_back_with_a_token_of_their_own(adas):
    answer = adas.post(reverse("account_pages:settings"), {"name": "Ada Byron"}, headers=HERE)

    assert dict(hidden_in(read(answer)))["name"] == "Ada Byron"
    assert re.fullmatch("[A-Za-z0-9]{64}", dict(hidden_in(read(answer)))["csrfmiddlewaretoken"])
