"""The zone and the clock in which an invitee reads the times of a booking page."""

import pytest
import time_machine

from caledee.timekeeping.clock import Clock
from scheduling.models import Booking
from scheduling.tasks import send_confirmation
from tests.factories import make_one_off
from tests.scheduling.views.typed import typed
from tests.support.pages import read, slots_on
from tests.support.times import NOW

PAGE = "/ada/intro/"
DAY = {"date": "2026-12-01"}
TEN = "2026-12-01T10:00:00Z"
# Three in the afternoon in London, the day before.
FIRST_IN_TOKYO = ("2026-11-30T15:00:00Z", "00:00 to 00:30, Tokyo")


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def errors_on(page):
    return [each.text for each in page.all("p", class_="field-errors")]


def rows_on(page):
    return [each.text for each in page.all("label", class_="zone-answer")]


@pytest.mark.parametrize("typed_zone", ["Mars", "xyzzy", "Portland", "EST", "UTC+25", "<script>", "\x00"])
def test_text_that_is_no_one_zone_leaves_zone_and_times_unchanged_and_offers_answers(client, ada, typed_zone):
    response = client.get(PAGE, DAY | {"time_zone": typed_zone, "shown_in": "Asia/Tokyo"})

    page = read(response)
    assert response.status_code == 200
    assert slots_on(page)[0] == FIRST_IN_TOKYO
    assert page.one("form", class_="slots").one("input", name="time_zone")["value"] == "Asia/Tokyo"
    assert page.by_id("id_time_zone")["value"] == typed_zone
    assert len(errors_on(page)) == 1
    assert rows_on(page) != []
    assert "open" in page.by_id("zone-picker").attributes


@pytest.mark.parametrize(
    "asked",
    [
        {"time_zone": "Mumbai"},
        {"time_zone": "kolkata"},
        {"time_zone": "Asia/Calcutta"},
        {"time_zone": "+05:30"},
        {"time_zone": "Portland", "time_zone_choice": "Asia/Kolkata"},
    ],
)
def test_a_zone_that_is_found_is_shown_by_its_name(client, ada, asked):
    page = read(client.get(PAGE, DAY | asked | {"shown_in": "Asia/Tokyo"}))

    assert slots_on(page)[0] == ("2026-12-01T09:00:00Z", "14:30 to 15:00, Kolkata")
    assert page.one("strong", class_="times-in").text == "Kolkata time"
    assert errors_on(page) == []
    assert rows_on(page) == []


def test_answers_are_rows_with_the_time_there(client, ada):
    page = read(client.get(PAGE, {"time_zone": "Portland"}))

    assert rows_on(page) == ["Portland, Maine 03:00 now", "Portland, Oregon 00:00 now"]


def test_the_search_is_kept_out_of_the_address_of_the_page(client, ada):
    asked = DAY | {"time_zone": "Portland", "time_zone_choice": "Asia/Tokyo", "shown_in": "UTC"}

    answer = client.get(PAGE, asked, headers={"HX-Request": "true"})

    assert answer["HX-Push-Url"] == "/ada/intro/?date=2026-12-01&time_zone=Asia%2FTokyo"


@pytest.mark.parametrize(("field", "status"), [({"time_zone": "Mumbai"}, 302), ({"time_zone": "Portland"}, 422)])
def test_a_typed_city_books_only_where_it_means_one_zone(client, ada, field, status):
    response = client.post(PAGE, typed(TEN, **field))

    assert response.status_code == status
    assert list(Booking.objects.values_list("invitee_time_zone", flat=True)) == ["Asia/Kolkata"][: status == 302]
    if status == 422:
        assert rows_on(read(response)) == ["Portland, Maine 03:00 now", "Portland, Oregon 00:00 now"]


def test_first_visit_says_that_nobody_knows_the_zone(client, ada):
    part = read(client.get(PAGE, DAY)).by_id("times")

    warning = part.one("p", class_="message warning needs-no-script")
    assert warning.text == "Times are in London time. If that's not your time zone, choose yours."
    assert warning.one("a")["href"] == "#id_time_zone"
    assert "data-zone-unsure" in part.attributes


def test_details_of_a_first_visit_say_so_too_and_lead_back_to_the_choice(client, ada):
    part = read(client.get(PAGE, {"slot": TEN})).by_id("times")

    warning = part.one("p", class_="message warning needs-no-script")
    assert warning.one("a")["href"] == "?date=2026-12-01&time_zone=Europe%2FLondon#id_time_zone"
    assert "data-zone-unsure" in part.attributes


def test_the_zone_of_a_former_visit_is_shown_at_once(client, ada):
    client.cookies["time_zone"] = "Asia/Tokyo"

    page = read(client.get(PAGE, DAY))

    assert slots_on(page)[0] == FIRST_IN_TOKYO
    assert "data-zone-unsure" not in page.by_id("times").attributes
    assert page.all("p", class_="message warning needs-no-script") == []


@pytest.mark.parametrize("cookie", ["Mars", "../../etc/passwd", "x" * 3000, "\x00", "localtime", '"'])
def test_a_zone_cookie_that_makes_no_sense_is_as_good_as_none(client, ada, cookie):
    client.cookies["time_zone"] = cookie

    page = read(client.get(PAGE, DAY))

    assert slots_on(page)[0] == ("2026-12-01T09:00:00Z", "09:00 to 09:30, London")
    assert "data-zone-unsure" in page.by_id("times").attributes


def test_a_one_off_is_read_in_the_zone_and_on_the_clock_of_the_browser(client, ada):
    one_off = make_one_off(ada, "14:00")
    client.cookies["time_zone"] = "America/New_York"

    response = client.get(one_off.link.get_absolute_url(), headers={"Accept-Language": "en-US"})

    assert slots_on(read(response)) == [("2026-12-01T14:00:00Z", "9:00 am to 9:30 am, New York")]
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize(
    ("language", "cookie", "first", "pressed"),
    [
        ("en-US", "", "9:00 am to 9:30 am, London", "12"),
        ("de-DE", "", "09:00 to 09:30, London", "24"),
        ("en-US", "24", "09:00 to 09:30, London", "24"),
        ("de-DE", "12", "9:00 am to 9:30 am, London", "12"),
        ("de-DE", "\x00", "09:00 to 09:30, London", "24"),
    ],
)
def test_the_clock_is_the_chosen_one_or_that_of_the_language(client, ada, language, cookie, first, pressed):
    client.cookies["clock"] = cookie

    page = read(client.get(PAGE, DAY, headers={"Accept-Language": language}))

    assert slots_on(page)[0][1] == first
    switch = page.one("div", class_="clock-switch").all("button")
    assert {each["value"]: each["aria-pressed"] for each in switch} == {
        clock: str(clock == pressed).lower() for clock in Clock.values
    }


def test_the_switch_leads_back_to_the_very_page(client, ada):
    address = f"{PAGE}?date=2026-12-01&time_zone=Asia/Tokyo"
    form = read(client.get(address)).one("form", class_="clock-form")

    response = client.post(form["action"], {"clock": "12", "back": form.one("input", name="back")["value"]})

    assert response["Location"] == address
    assert slots_on(read(client.get(address)))[0][1] == "12:00 am to 12:30 am, Tokyo"


def test_person_with_an_account_has_a_setting_instead_of_the_switch(ada, browser_of):
    assert read(browser_of(ada).get(PAGE)).all("div", class_="clock-switch") == []


@pytest.mark.parametrize(
    ("language", "clock", "said"), [("en-US", "12", "10:00 am to 10:30 am"), ("de", "24", "10:00 to 10:30")]
)
def test_emails_to_an_invitee_are_on_the_clock_they_booked_on(client, ada, mailoutbox, language, clock, said):
    client.post(PAGE, typed(TEN, time_zone="Europe/London"), headers={"Accept-Language": language})
    booking = Booking.objects.get()

    send_confirmation(str(booking.pk), 0, "invitee")

    assert booking.invitee_clock == clock
    assert f"{said} (London, GMT)" in mailoutbox[0].body


@pytest.mark.parametrize("time_zone", ["Mars", "Portland", "EST"])
def test_text_that_is_no_one_zone_is_never_stored(client, ada, time_zone):
    client.post(PAGE, typed(TEN, time_zone=time_zone))

    assert not Booking.objects.exists()
