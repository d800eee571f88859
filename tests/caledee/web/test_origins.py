"""The origin of a form, in every combination of headers that browsers and scripts send."""

import pytest
from django.test import Client, RequestFactory

from caledee.web.origins import comes_from_here, names_another_site, refers_to_another_site
from scheduling.models import Booking
from tests.scheduling.views.typed import typed

HERE = "http://caledee.test"
OURS = [
    {"Origin": HERE},
    {"Origin": HERE, "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin"},
    # An extension, or a page of ours that says "no-referrer", keeps the origin back.
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": HERE.upper()},
]
UNSAID = [{}, {"Origin": ""}, {"Sec-Fetch-Site": "none"}, {"Origin": "null", "Sec-Fetch-Site": "none"}]
ANOTHERS = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "Same-Origin, cross-site"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    # Other ports, schemes and subdomains are other sites.
    {"Origin": f"{HERE}:8001"},
    {"Origin": "https://caledee.test"},
    {"Origin": "http://evil.caledee.test"},
    {"Origin": f"{HERE}.evil.example"},
    {"Origin": f"{HERE}@evil.example"},
    {"Origin": f"{HERE}/"},
    {"Origin": f"{HERE} https://evil.example"},
    {"Origin": "caledee.test"},
    {"Origin": "file://"},
    {"Origin": "http://[::1"},
    {"Origin": "\xe9"},
]


def request(headers, **how):
    return RequestFactory().post("/", headers={"Host": "caledee.test"} | headers, **how)


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_ours_is_known_as_ours(headers):
    assert (names_another_site(request(headers)), comes_from_here(request(headers))) == (False, True)


@pytest.mark.parametrize("headers", UNSAID, ids=str)
def test_what_says_nothing_is_nobodys(headers):
    assert (names_another_site(request(headers)), comes_from_here(request(headers))) == (False, False)


@pytest.mark.parametrize("headers", ANOTHERS, ids=str)
def test_anothers_is_never_ours(headers):
    assert (names_another_site(request(headers)), comes_from_here(request(headers))) == (True, False)


def test_ports_and_schemes_are_those_of_the_request():
    assert not names_another_site(request({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}))
    assert names_another_site(request({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1"}))
    assert not names_another_site(request({"Host": "127.0.0.1", "Origin": "https://127.0.0.1"}, secure=True))
    assert names_another_site(request({"Host": "127.0.0.1", "Origin": "http://127.0.0.1"}, secure=True))


def test_behind_a_proxy_that_changes_the_host_base_url_counts():
    assert not names_another_site(request({"Host": "127.0.0.1", "Origin": HERE}))


@pytest.mark.parametrize(
    ("headers", "anothers"),
    [
        ({}, False),
        ({"Referer": f"{HERE}/ada/intro/"}, False),
        ({"Referer": "https://evil.example/"}, True),
        ({"Referer": f"{HERE}.evil.example/"}, True),
        ({"Referer": "http://[::1"}, True),
        ({"Referer": "x"}, True),
        ({"Origin": HERE, "Referer": "https://evil.example/"}, False),
        ({"Origin": "https://evil.example", "Referer": f"{HERE}/"}, True),
    ],
)
def test_the_referrer_is_asked_where_nothing_else_is_said(headers, anothers):
    assert refers_to_another_site(request(headers)) is anothers


@pytest.mark.parametrize("headers", [*OURS, *UNSAID], ids=str)
def test_a_stranger_books_without_cookie_and_token(db, ada, headers):
    browser = Client(enforce_csrf_checks=True)

    response = browser.post("/ada/intro/", typed("2099-12-01T10:00:00Z"), headers=headers)

    assert response.status_code == 409  # far beyond what can be booked: it was read
    assert list(browser.cookies) == []


@pytest.mark.parametrize("headers", ANOTHERS, ids=str)
def test_another_site_is_refused_and_what_it_typed_is_not_shown(db, ada, headers):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    response = browser.post("/ada/intro/", typed(), headers=headers)

    assert response.status_code == 403
    assert "This form was sent from another site" in response.text
    assert "Dana" not in response.text
    assert Booking.objects.count() == 0
