import pytest
from django.test import Client

from scheduling.bookings.book import book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.models import Booking, Canceller
from tests.scheduling.views.typed import NINE, TEN, typed
from tests.support.pages import moments_on, read, slots_on
from tests.support.tables import all_rows
from tests.support.times import NOW, at, between

DANA = Invitee(name="Dana Scott", email="dana@example.com", time_zone="Europe/Paris")
HALF_PAST_TWO = "2026-12-01T14:30:00Z"


@pytest.fixture
def booking(ada):
    offer = EventTypeOffer(ada.event_types.get())
    return book(offer, offer.slot(TEN), DANA, now=NOW)


@pytest.fixture
def page_address(booking):
    return f"/bookings/{booking.token}/reschedule/"


def test_page_shows_other_times_in_the_invitees_zone(client, page_address):
    page = read(client.get(page_address, {"date": "2026-12-01"}))

    assert page.one("title").text == page.one("h1").text == "Change the time"
    assert "Currently booked for Tuesday 1 December 2026, 11:00 to 11:30 (Paris, CET)." in page.one("main").text
    expected = [f"2026-12-01T{hour:02}:{minute:02}:00Z" for hour in range(9, 17) for minute in (0, 30)]
    expected.remove(TEN)
    assert moments_on(page) == expected
    assert slots_on(page)[0] == (NINE, "10:00 to 10:30, Paris")


def test_chosen_time_is_confirmed_by_one_button(client, page_address):
    page = read(client.get(page_address, {"slot": HALF_PAST_TWO, "time_zone": "Asia/Tokyo"}))

    assert page.one("p", class_="chosen-time").text == "23:30 to 00:00 on Wednesday 2 December 2026 (Tokyo, JST)"
    button = page.one("form", method="post").one("button")
    assert (button.text, button["name"], button["value"]) == ("Change to this time", "slot", HALF_PAST_TWO)
    assert page.one("form", method="post")["action"] == "?time_zone=Asia%2FTokyo"


def test_moving_leads_to_the_booking_at_its_new_time(client, page_address, booking):
    response = client.post(page_address, {"slot": HALF_PAST_TWO})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert Booking.objects.get().period == between("2026-12-01 14:30", "2026-12-01 15:00")
    page = read(client.get(response["Location"]))
    assert page.one("h1").text == "Booked."
    assert "Tuesday 1 December 2026, 15:30 to 16:00 (Paris, CET)" in page.one("main").text


def test_repeated_submit_is_harmless(client, page_address):
    client.post(page_address, {"slot": HALF_PAST_TWO})
    before = all_rows()

    assert client.post(page_address, {"slot": HALF_PAST_TWO}).status_code == 302
    assert all_rows() == before


def test_taken_time_shows_what_is_left_and_keeps_the_old(client, page_address):
    assert Client().post("/ada/intro/", typed(HALF_PAST_TWO)).status_code == 302

    response = client.post(page_address, {"slot": HALF_PAST_TWO})

    page = read(response)
    assert response.status_code == 409
    assert page.one("p", class_="message error").text.startswith("That time has just been taken.")
    assert len(moments_on(page)) == 14
    assert Booking.objects.get(invitee_time_zone="Europe/Paris", name="Intro call", start=at("2026-12-01 10:00"))


@pytest.mark.parametrize("slot", ["", "tea", "\0", "x" * 5000, "9999-12-31T23:59:59Z"])
def test_nonsense_for_a_time_is_said(client, page_address, slot):
    response = client.post(page_address, {"slot": slot})

    assert response.status_code == 422
    assert read(response).one("p", class_="message error").text == "That time is not free. Choose another."
    assert client.get(page_address, {"slot": slot}).status_code == 200
    assert Booking.objects.get().period == between("2026-12-01 10:00", "2026-12-01 10:30")


def refusal_on(client, address) -> str:
    """Return the words of a page that moves nothing, the same for GET and POST."""
    before = all_rows()
    shown, posted = client.get(address), client.post(address, {"slot": HALF_PAST_TWO})
    assert (shown.status_code, posted.status_code) == (200, 409)
    assert read(shown).all("form") == []
    assert all_rows() == before
    return read(posted).one("main").text


def test_a_meeting_that_has_started_cannot_be_moved(client, page_address, clock):
    clock.move_to(at("2026-12-01 10:00"))

    assert "This meeting has already started and can't be moved." in refusal_on(client, page_address)


def test_booking_of_a_paused_event_type_leads_to_the_organizer(client, page_address, ada):
    ada.event_types.update(paused_at=NOW)

    assert "There are no other times to choose from. Ask Ada Lovelace for new times" in refusal_on(
        client, page_address
    )


def test_cancelled_booking_is_shown_instead(client, page_address, booking):
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    before = all_rows()

    for response in [client.get(page_address), client.post(page_address, {"slot": HALF_PAST_TWO})]:
        assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert all_rows() == before


def test_looking_changes_nothing_and_keeps_the_secret(client, page_address):
    before = all_rows()

    for query in [{}, {"slot": HALF_PAST_TWO}, {"month": "2026-12", "time_zone": "Mars"}]:
        response = client.get(page_address, query)
        assert (response.status_code, response["Referrer-Policy"]) == (200, "no-referrer")
        assert client.head(page_address, query).status_code == 200

    assert all_rows() == before
    assert client.put(page_address).status_code == 405


def test_htmx_gets_the_part_alone(client, page_address):
    part = read(client.get(page_address, {"date": "2026-12-01"}, headers={"HX-Request": "true"}))

    assert [(each.tag, each["id"]) for each in part.content if not isinstance(each, str)] == [("section", "times")]


def test_booked_page_offers_to_change_the_time_where_that_can_be_done(client, booking, page_address, ada):
    def offered() -> bool:
        links = read(client.get(f"/bookings/{booking.token}/")).all("a", href=page_address)
        return [link.text for link in links] == ["Change the time"]

    assert offered()
    ada.event_types.update(paused_at=NOW)
    assert not offered()
