"""Event types beyond the plan's limit respond like paused ones on every page."""

import pytest

from caledee.accounts.models import User
from caledee.accounts.plans import Plan
from scheduling.event_types import move_event_type
from tests.factories import book_event_type
from tests.scheduling.views.test_event_types import make_event_type
from tests.support.pages import moments_on, read


@pytest.fixture
def lesson(mary):
    """Mary's second event type, which exceeds her plan."""
    return make_event_type(mary, "Lesson")


def typed(**changes):
    return {"slot": "2026-12-01T21:00:00Z", "name": "Dana", "email": "dana@example.com", "time_zone": "UTC"} | changes


def names_on(response):
    return [event_type["name"] for event_type in response.context["event_types"]]


def test_it_is_neither_listed_nor_found_nor_booked(client, mary, lesson):
    assert names_on(client.get("/mary/")) == ["Intro call"]
    assert client.get("/mary/lesson/").status_code == 404
    assert client.post("/mary/lesson/", typed(location="at school")).status_code == 404
    assert mary.bookings.count() == 0


def test_it_is_back_as_soon_as_the_plan_has_room(client, mary, lesson):
    User.objects.filter(pk=mary.pk).update(plan=Plan.PRO)

    assert names_on(client.get("/mary/")) == ["Intro call", "Lesson"]
    assert moments_on(read(client.get("/mary/lesson/"))) != []


def test_what_is_moved_up_takes_its_place(client, mary, lesson):
    move_event_type(lesson, up=True)

    assert names_on(client.get("/mary/")) == ["Lesson"]
    assert client.get("/mary/intro/").status_code == 404


def test_a_booking_of_it_stays_and_offers_no_other_time(client, mary, lesson):
    booking = book_event_type(mary, "21:00")
    address = f"/bookings/{booking.token}/"
    offered = [link["href"] for link in read(client.get(address)).all("a") if "reschedule" in link["href"]]
    move_event_type(lesson, up=True)

    page, move = read(client.get(address)), read(client.get(f"{address}reschedule/"))

    assert offered == [f"{address}reschedule/"]
    assert [link["href"] for link in page.all("a") if "reschedule" in link["href"]] == []
    assert page.one("h1").text == "Booked."
    assert moments_on(move) == []
    assert client.post(f"{address}reschedule/", {"slot": "2026-12-01T22:00:00Z"}).status_code == 409


def test_a_cancelled_booking_of_it_leads_to_no_new_one(client, mary, lesson):
    booking = book_event_type(mary, "21:00")
    client.post(f"/bookings/{booking.token}/cancel/", {"reason": ""})
    address = f"/bookings/{booking.token}/"
    before = [link["href"] for link in read(client.get(address)).one("main").all("a")]
    move_event_type(lesson, up=True)

    after = [link["href"] for link in read(client.get(address)).one("main").all("a")]

    assert ("/mary/intro/" in before, "/mary/intro/" in after) == (True, False)
