"""A one-off on the booking page, where it differs from an event type, and the page of a closed link."""

from datetime import timedelta

import pytest
from django.test import Client

from oneoff.creator.create import withdraw_time
from oneoff.models import OneOffMeeting
from scheduling.models import Booking
from tests.factories import EDSGER, book_event_type, book_one_off, make_one_off, on_tuesday, time_of
from tests.support.pages import Element, moments_on, read, slots_on, typed_in
from tests.support.tables import all_rows
from tests.support.times import NOW


def address(one_off: OneOffMeeting) -> str:
    return f"/ada/o/{one_off.link.token}/"


def typed(one_off: OneOffMeeting, clock: str, **fields: str) -> dict[str, str]:
    return {
        "slot": str(time_of(one_off, clock).pk),
        "name": "Dana Scott",
        "email": "dana@example.com",
        "time_zone": "Europe/Paris",
        "notes": "",
    } | fields


def links_in(page: Element) -> list[tuple[str, str]]:
    return [(link.text, link["href"]) for link in page.one("main").all("a")]


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00", "22:30", description="About the engine.")


def test_all_times_are_shown_at_once_on_the_viewers_days(client, one_off):
    page = read(client.get(address(one_off), {"time_zone": "Asia/Kathmandu"}))

    assert [each.text for each in page.all("h2", class_="slots-day")] == [
        "Tuesday 1 December 2026",
        "Wednesday 2 December 2026",
    ]
    assert slots_on(page) == [
        ("2026-12-01T09:00:00Z", "14:45 to 15:15, Kathmandu"),
        ("2026-12-01T10:00:00Z", "15:45 to 16:15, Kathmandu"),
        ("2026-12-01T22:30:00Z", "04:15 to 04:45, Kathmandu"),
    ]
    assert page.all("div", class_="month-grid") == []


def test_the_page_describes_the_meeting_but_its_title_names_nobody(client, one_off):
    response = client.get(address(one_off))

    page = read(response)
    assert page.one("title").text == "Choose a time"
    assert page.one("h1").text == "Interview"
    assert "Ada Lovelace" in page.one("main").text
    assert "About the engine." in page.one("main").text
    assert page.one("meta", name="referrer")["content"] == "same-origin"
    assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "no-store")


def test_the_details_link_back_to_all_times(client, one_off):
    query = {"slot": str(time_of(one_off, "10:00").pk), "time_zone": "Europe/London"}

    chosen = read(client.get(address(one_off), query)).one("div", class_="chosen")

    assert chosen.one("p", class_="chosen-time").text == "10:00 to 10:30 (London, GMT)"
    assert chosen.one("a")["href"] == "?time_zone=Europe%2FLondon"


def test_a_taken_time_shows_the_others_with_everything_typed(client, ada):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00", hold_times=False)
    book_event_type(ada, "10:00")

    response = client.post(address(one_off), typed(one_off, "10:00"))

    page = read(response)
    assert response.status_code == 409
    assert moments_on(page) == ["2026-12-01T09:00:00Z", "2026-12-01T11:00:00Z"]
    kept = typed_in(page)
    assert (kept["name"], kept["email"], kept["time_zone"]) == ("Dana Scott", "dana@example.com", "Europe/Paris")
    radio = page.all("input", type="radio")[1]
    assert client.post(address(one_off), kept | {"slot": radio["value"]}).status_code == 302


def test_a_page_without_free_times_links_to_the_organizer(client, ada):
    one_off = make_one_off(ada, "10:00", hold_times=False)
    book_event_type(ada, "10:00")

    page = read(client.get(address(one_off)))

    assert page.one("h2").text == "All the times are taken"
    assert "Ask Ada Lovelace for new times" in page.by_id("times").text


@pytest.mark.parametrize("clocks", [["09:00"], ["09:00", "10:00", "11:00"]])
def test_the_page_makes_five_queries(client, ada, clocks, django_assert_num_queries):
    path = address(make_one_off(ada, *clocks))

    with django_assert_num_queries(5):
        page = read(client.get(path))

    assert len(moments_on(page)) == len(clocks)


def test_a_stranger_at_a_booked_link_only_learns_whom_to_ask(client, one_off):
    book_one_off(one_off, "10:00", EDSGER)

    response = client.get(address(one_off))

    page = read(response)
    assert response.status_code == 410
    assert page.one("title").text == "This link is closed"
    assert page.one("h1").text == "This meeting is already booked."
    assert links_in(page) == [("the public booking page of Ada Lovelace", "/ada/")]
    for secret in ["Edsger", "edsger@example.com", "10:00", "December", "Interview", "meet.example.com", "engine"]:
        assert secret not in response.text


def test_the_browser_that_booked_finds_its_booking_again(client, one_off):
    client.post(address(one_off), typed(one_off, "10:00"))

    response = client.get(address(one_off))

    assert response.status_code == 410
    assert links_in(read(response)) == [("See your booking", f"/bookings/{Booking.objects.get().token}/")]


def test_a_browser_that_booked_something_else_is_a_stranger(client, one_off, ada):
    book_one_off(one_off, "10:00")
    client.post("/ada/intro/", typed(one_off, "10:00", slot="2026-12-01T15:00:00Z"))

    assert links_in(read(client.get(address(one_off)))) == [("the public booking page of Ada Lovelace", "/ada/")]


def test_a_forged_cookie_opens_nothing(client, one_off):
    booker = Client()
    booker.post(address(one_off), typed(one_off, "10:00"))
    client.cookies["bookings"] = booker.cookies["bookings"].value[:-1] + "!"

    assert links_in(read(client.get(address(one_off)))) == [("the public booking page of Ada Lovelace", "/ada/")]


def test_submitting_to_a_booked_link_only_works_for_the_person_who_booked(client, one_off):
    first = client.post(address(one_off), typed(one_off, "10:00"))

    assert client.post(address(one_off), typed(one_off, "10:00"))["Location"] == first["Location"]
    assert Client().post(address(one_off), typed(one_off, "09:00")).status_code == 410
    assert Client().post(address(one_off), typed(one_off, "10:00", email="x@example.com")).status_code == 410
    assert Booking.objects.count() == 1


def test_an_expired_link_says_so(client, ada):
    one_off = make_one_off(ada, "10:00", valid_until=NOW + timedelta(minutes=1))
    OneOffMeeting.objects.update(valid_until=NOW)

    response = client.get(address(one_off))

    assert response.status_code == 410
    assert read(response).one("h1").text == "This link has expired."
    assert "10:00" not in response.text


def test_looking_changes_nothing(client, one_off):
    before = all_rows()

    for query in [{}, {"slot": str(time_of(one_off, "10:00").pk)}, {"slot": "x"}, {"time_zone": "\0"}]:
        assert (
            client.get(address(one_off), query).status_code == client.head(address(one_off), query).status_code == 200
        )

    assert all_rows() == before


def test_a_withdrawn_time_shows_the_times_that_are_left(client, one_off):
    sent = typed(one_off, "10:00")
    withdraw_time(time_of(one_off, "10:00"), by=None, now=NOW)

    response = client.post(address(one_off), sent)

    assert response.status_code == 409
    assert moments_on(read(response)) == ["2026-12-01T09:00:00Z", "2026-12-01T22:30:00Z"]
    assert Booking.objects.count() == 0


@pytest.mark.parametrize("whose", ["another one-off's", "nobody's"])
def test_a_time_of_another_one_off_cannot_be_booked_here(client, one_off, ada, whose):
    other = time_of(make_one_off(ada, "15:00"), "15:00").pk if whose == "another one-off's" else "f" * 32

    response = client.post(address(one_off), typed(one_off, "10:00", slot=str(other)))

    assert response.status_code == 409
    assert moments_on(read(response)) == ["2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z", "2026-12-01T22:30:00Z"]
    assert Booking.objects.count() == 0


@pytest.mark.parametrize("value", ["", "\0", "x" * 5000, "2026-12-01T10:00:00Z", "{urn:uuid:1}"])
def test_an_invalid_time_shows_the_times(client, one_off, value):
    assert client.post(address(one_off), typed(one_off, "10:00", slot=value)).status_code == 422
    assert moments_on(read(client.get(address(one_off), {"slot": value})))[0] == "2026-12-01T09:00:00Z"
    assert on_tuesday("10:00") not in Booking.objects.values_list("start", flat=True)
