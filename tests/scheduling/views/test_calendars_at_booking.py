"""What an invitee sees when a connected calendar of the organizer is asked, busy, silent or unknown."""

from datetime import timedelta

import pytest

from scheduling.calendars.models import ConnectionKind
from scheduling.calendars.providers.registry import PROVIDERS
from scheduling.calendars.reading import Failure, OutsideTime, Reading
from scheduling.models import Booking
from tests.factories import DANA, book_event_type, half_hour, make_collective, make_one_off
from tests.scheduling.views.typed import typed
from tests.support.calendars import make_calendar
from tests.support.pages import read, slots_on
from tests.support.providers import ScriptedProvider, failed
from tests.support.times import NOW

MINUTE = timedelta(minutes=1)
PAGE = "/ada/intro/"
TEN = half_hour("10:00")
UNCHECKED = (
    "Ada Lovelace’s calendar can’t be checked at the moment, so nothing is booked yet. "
    "Your details are still here; try again in a minute."
)
NOT_KNOWN = (
    "No times can be shown just now. Ada Lovelace’s calendar can’t be checked at the moment. Please try again later."
)


@pytest.fixture
def provider(monkeypatch):
    scripted = ScriptedProvider()
    for kind in ConnectionKind:
        monkeypatch.setitem(PROVIDERS, kind, scripted)
    return scripted


def ten(**fields):
    return typed("2026-12-01T10:00:00Z", **fields)


def test_a_time_that_an_entry_takes_a_moment_before_is_not_booked(client, ada, provider):
    make_calendar(ada, read_at=NOW - MINUTE)
    provider.on_check = Reading(busy=(OutsideTime(TEN),))

    response = client.post(PAGE, ten(name="Dana Scott"))

    assert response.status_code == 409
    page = read(response)
    assert page.one("input", name="name")["value"] == "Dana Scott"
    assert "2026-12-01T10:00:00Z" not in slots_on(page)
    assert not Booking.objects.exists()


def test_a_free_answer_books(client, ada, provider):
    make_calendar(ada, read_at=NOW - MINUTE)

    assert client.post(PAGE, ten()).status_code == 302

    assert len(provider.checked) == 1


def test_silence_after_an_old_reading_books_nothing_and_keeps_what_was_typed(client, ada, provider):
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    provider.on_check = failed(Failure.UNAUTHORIZED)

    response = client.post(PAGE, ten(name="Dana Scott", notes="By the harbour"))

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    page = read(response)
    assert page.one("p", class_="message error").text == UNCHECKED
    assert page.one("input", name="name")["value"] == "Dana Scott"
    assert page.one("textarea", name="notes").text == "By the harbour"
    assert page.one("input", name="slot")["value"] == "2026-12-01T10:00:00Z"
    assert "example.com" not in page.one("p", class_="message error").text
    assert not Booking.objects.exists()


def test_a_form_sent_again_shows_its_booking_in_spite_of_silence(client, ada, provider):
    assert client.post(PAGE, ten(nonce="d" * 24)).status_code == 302
    make_calendar(ada, read_at=NOW - timedelta(hours=2))

    response = client.post(PAGE, ten(nonce="d" * 24))

    assert (response.status_code, response["Location"]) == (302, Booking.objects.get().get_absolute_url())


def test_pages_of_someone_whose_calendar_is_unknown_say_so(client, ada):
    make_calendar(ada, read_at=NOW - timedelta(hours=2))
    one_off = make_one_off(ada, "10:00")

    for address in (PAGE, one_off.link.get_absolute_url()):
        response = client.get(address)
        assert response.status_code == 200
        assert NOT_KNOWN in read(response).one("section", id="times").text
        assert slots_on(read(response)) == []


def test_a_page_of_several_hosts_names_none_of_them(client, organization, ada, alan):
    make_collective(organization, ada, alan, slug="panel")
    make_calendar(alan, read_at=None)

    page = read(client.get("/analytical-engines/panel/"))

    assert "The hosts’ calendars can’t be checked at the moment." in page.one("section", id="times").text


def test_a_one_off_keeps_its_link_open_while_a_calendar_is_silent(client, ada, provider):
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    one_off = make_one_off(ada, "10:00")
    provider.on_check = failed(Failure.UNREACHABLE)
    address = one_off.link.get_absolute_url()
    slot = str(one_off.proposed_times.get().pk)

    response = client.post(address, typed(slot, name="Dana Scott"))

    assert response.status_code == 503
    assert read(response).one("input", name="name")["value"] == "Dana Scott"
    one_off.link.refresh_from_db()
    assert one_off.link.closed_at is None
    provider.on_check = Reading(busy=())
    assert client.post(address, typed(slot)).status_code == 302


def test_a_meeting_is_not_moved_without_an_answer(client, ada, provider):
    booking = book_event_type(ada, "09:00", DANA)
    make_calendar(ada, read_at=NOW - 11 * MINUTE)
    provider.on_check = failed(Failure.UNREACHABLE)

    response = client.post(f"/bookings/{booking.token}/reschedule/", {"slot": "2026-12-01T10:00:00Z"})

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert read(response).one("button", name="slot")["value"] == "2026-12-01T10:00:00Z"
    booking.refresh_from_db()
    assert booking.period == half_hour("09:00")
