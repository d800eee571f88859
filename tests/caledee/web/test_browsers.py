"""What a browser reports about the person's clock and time zone."""

import pytest
from django.test import Client, RequestFactory

from caledee.timekeeping.clock import Clock
from caledee.web.browsers import BrowserClock, zone_of_browser
from caledee.web.clock_regions import clock_for

ZONES = "/time-zones/"
CHOOSE = "/time-zones/clock/"


@pytest.mark.parametrize(
    ("header", "clock"),
    [
        ("en-US", Clock.TWELVE),
        ("en-US,en;q=0.9", Clock.TWELVE),
        ("en", Clock.TWELVE),
        ("en-GB,en-US;q=0.9", Clock.TWENTY_FOUR),
        ("de", Clock.TWENTY_FOUR),
        ("de-DE,de;q=0.9,en-US;q=0.8", Clock.TWENTY_FOUR),
        ("de;q=0.3,en-US;q=0.9", Clock.TWELVE),
        ("en-IN", Clock.TWELVE),
        ("hi", Clock.TWELVE),
        ("en-AU", Clock.TWELVE),
        ("en-CA", Clock.TWELVE),
        ("fr-CA", Clock.TWENTY_FOUR),
        ("en-IE", Clock.TWENTY_FOUR),
        ("es-ES", Clock.TWENTY_FOUR),
        ("es-MX", Clock.TWELVE),
        ("pt-BR", Clock.TWENTY_FOUR),
        ("ja", Clock.TWENTY_FOUR),
        ("ko-KR", Clock.TWELVE),
        ("ar", Clock.TWELVE),
        ("zh-CN", Clock.TWENTY_FOUR),
        ("zh-Hant-TW", Clock.TWELVE),
        ("zh-Hant", Clock.TWELVE),
        ("", Clock.TWENTY_FOUR),
        ("*", Clock.TWENTY_FOUR),
        ("*,en-US;q=0.5", Clock.TWELVE),
        ("en-US;q=0,de", Clock.TWENTY_FOUR),
        ("xx-YY", Clock.TWENTY_FOUR),
        ("\x00\xff;;q=,,", Clock.TWENTY_FOUR),
        ("en-US," * 5000, Clock.TWELVE),
    ],
)
def test_the_language_says_which_clock_is_read(header, clock):
    assert clock_for(header) == clock


@pytest.mark.parametrize("cookie", ["", "13", "24 ", "\x00", "x" * 5000, "TWELVE", "\u0662\u0664"])
def test_a_clock_cookie_that_makes_no_sense_leaves_it_to_the_language(cookie):
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE="en-US")
    request.COOKIES = {"clock": cookie}

    assert BrowserClock(request)() == Clock.TWELVE


@pytest.mark.parametrize("chosen", Clock.values)
def test_the_chosen_clock_goes_before_the_language(chosen):
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE="en-US")
    request.COOKIES = {"clock": chosen}

    assert BrowserClock(request)() == chosen


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("UTC", "UTC"),
        ("Berlin", None),
        ("../../etc/passwd", None),
        ("localtime", None),
        ("Mars/Olympus", None),
        ("", None),
        ("\x00", None),
        ("x" * 5000, None),
    ],
)
def test_only_the_name_of_a_zone_is_taken_from_its_cookie(cookie, zone):
    request = RequestFactory().get("/")
    request.COOKIES = {"time_zone": cookie}

    found = zone_of_browser(request)
    assert (found.key if found else None) == zone


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/ada/intro/?date=2026-12-01", "/ada/intro/?date=2026-12-01"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/\r\nX: y", "/%0D%0AX:%20y"),
    ],
)
def test_choosing_a_clock_is_remembered_and_leads_back_to_a_page_of_ours(db, back, leads):
    response = Client(enforce_csrf_checks=True).post(CHOOSE, {"clock": "12", "back": back})

    assert (response.status_code, response["Location"]) == (302, leads)
    cookie = response.cookies["clock"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("12", True, "Lax")


@pytest.mark.parametrize("clock", ["", "13", "\x00", "x" * 5000])
def test_a_clock_that_there_is_not_is_not_remembered(db, clock):
    response = Client().post(CHOOSE, {"clock": clock, "back": "/"})

    assert (response.status_code, "clock" in response.cookies) == (302, False)


def test_a_link_changes_no_clock(db):
    assert Client().get(CHOOSE, {"clock": "12"}).status_code == 405


def test_the_search_answers_rows_to_htmx_and_a_page_to_others(client, db):
    part = client.get(ZONES, {"time_zone": "mumbai"}, headers={"HX-Request": "true"}).content.decode()
    page = client.get(ZONES, {"time_zone": "mumbai"}).content.decode()

    assert 'value="Asia/Kolkata"' in part
    assert "Mumbai, India" in part
    assert "<html" not in part
    assert "Mumbai, India" in page
    assert "<html" in page


@pytest.mark.parametrize("text", ["", "\x00", "<script>", "x" * 5000, "'; --", "\ud7ff", "%00", "\u202e"])
def test_every_search_has_an_answer(client, db, text):
    response = client.get(ZONES, {"time_zone": text}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert 'type="radio"' in response.content.decode()
