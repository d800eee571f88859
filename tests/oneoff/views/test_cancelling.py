"""Cancelling works the same way at each of its three addresses."""

import pytest
import time_machine

from scheduling.models import Booking
from tests.factories import EDSGER, book_one_off, make_one_off
from tests.support.pages import read

INVITEE, ORGANIZER, ADMIN = "invitee", "organizer", "admin"


@pytest.fixture
def booking(ada, grace):
    return book_one_off(make_one_off(ada, "09:00"), "09:00", EDSGER)


@pytest.fixture(params=[INVITEE, ORGANIZER, ADMIN])
def reader(request):
    return request.param


@pytest.fixture
def back(client, reader, booking, ada, grace):
    """The page that "Keep it" leads to, for the reader, who is signed in unless they are the invitee."""
    if reader == INVITEE:
        return booking.get_absolute_url()
    client.force_login(ada if reader == ORGANIZER else grace)
    return f"/meetings/{booking.pk}/" if reader == ORGANIZER else booking.single_use_link.one_off.get_absolute_url()


@pytest.fixture
def address(back):
    return f"{back}cancel/"


def test_one_template_asks_first(client, address, back):
    response = client.get(address)

    assert response.template_name == "bookings/cancel.html"
    page = read(response)
    assert page.one("form", action=address, method="post").one("textarea")["name"] == "reason"
    assert page.one("a", class_="button quiet")["href"] == back
    assert Booking.objects.confirmed().count() == 1


def test_only_the_page_of_the_one_off_says_that_its_link_stays_closed(client, reader, address):
    assert ("The link stays closed." in client.get(address).text) == (reader == ADMIN)


def test_only_signed_in_readers_get_a_token_and_a_message(client, reader, address):
    token = read(client.get(address)).all("input", name="csrfmiddlewaretoken")
    client.post(address, {"reason": ""})

    assert bool(token) == ("messages" in client.cookies) == (reader != INVITEE)
    assert bool(client.cookies) == (reader != INVITEE)


def test_the_booking_is_cancelled_in_the_name_of_its_side(client, reader, address):
    assert client.post(address, {"reason": "Ill."}).status_code == 302

    cancelled = Booking.objects.get()
    assert (cancelled.cancelled_by, cancelled.cancel_reason) == (
        "invitee" if reader == INVITEE else "organizer",
        "Ill.",
    )


def test_a_reason_that_is_too_long_is_kept(client, address):
    response = client.post(address, {"reason": "x" * 1001})

    assert response.status_code == 422
    assert read(response).one("textarea").text == "x" * 1001
    assert Booking.objects.confirmed().count() == 1


def test_a_meeting_that_has_started_is_too_late_to_cancel(client, booking, address, back):
    with time_machine.travel(booking.start, tick=False):
        responses = [client.get(address), client.post(address, {"reason": ""})]

    assert [response.status_code for response in responses] == [200, 409]
    for page in map(read, responses):
        assert page.one("h1").text == "Too late to cancel"
        assert page.all("textarea") == []
        assert page.one("a", class_="button")["href"] == back
    assert Booking.objects.confirmed().count() == 1
