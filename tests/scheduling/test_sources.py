"""A source of bookings that scheduling doesn't know appears on its pages by registering itself."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import Q

from oneoff.booking_source import OneOffSource
from scheduling.booking_source import EventTypeSource
from scheduling.bookings.finding import find_offer
from scheduling.bookings.offers import EventTypeOffer
from scheduling.models import Booking
from scheduling.sources import Link, Move, NextSteps, Note, PageExtras, Source, Sources, WayToCreate, sources
from tests.factories import book_intro
from tests.support.pages import read
from tests.support.times import NOW

ROUND = WayToCreate("Round", "Several people choose from one set of times.", "/rounds/new/")


class RoundSource(Source):
    """Bookings called "Round", all managed by Grace."""

    def __init__(self, manager):
        self.manager = manager

    def has_made(self, booking):
        return booking.name == "Round"

    def move(self, booking):
        offer = find_offer(booking.organizer.handle, "intro")
        return Move(EventTypeOffer(offer.event_type, moved=booking), PageExtras(propose_address="/rounds/suggest/"))

    def next_steps(self, booking, *, has_just_sent, now):
        return NextSteps(
            change=f"/bookings/{booking.token}/reschedule/",
            links=[Link("Swap with someone", "/rounds/swap/")],
            notes=[Note("Your seat", ["Row 1"], "Confirmed", "See you there.")],
            notice="Swapped." if has_just_sent else "",
        )

    def page_of(self, booking):
        return f"/rounds/{booking.pk}/"

    def pages_of(self, bookings):
        return {each.pk: self.page_of(each) for each in bookings if self.has_made(each)}

    def managed_by(self, user):
        return Q(name="Round") if user == self.manager else Q(pk__in=[])

    disclosed_to = managed_by

    def colleagues_of(self, user):
        return [each.organizer for each in Booking.objects.filter(self.managed_by(user)).select_related("organizer")]

    def ways_to_create(self):
        return [ROUND]


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def mary_manages(mary):
    source = RoundSource(mary)
    sources.register(source)
    yield mary
    sources.unregister(source)


@pytest.fixture
def booking(ada):
    """A booking from none of scheduling's own sources."""
    made = book_intro(ada, "2026-12-01 09:00")
    Booking.objects.update(name="Round", event_type=None)
    made.refresh_from_db()
    return made


def test_invitees_see_what_the_source_adds_to_their_booking(client, mary_manages, booking):
    page = read(client.get(f"/bookings/{booking.token}/?sent=yes"))

    assert page.one("p", class_="message success").text == "Swapped."
    assert page.one("section", class_="asked stack tight").text.split() == [
        *["Your", "seat", "Row", "1", "Confirmed", "See", "you", "there."]
    ]
    assert page.one("a", href="/rounds/swap/").text == "Swap with someone"
    assert page.one("a", href=f"/bookings/{booking.token}/reschedule/").text == "Change the time"


def test_invitees_move_their_booking_to_the_times_of_the_source(client, mary_manages, booking):
    page = read(client.get(f"/bookings/{booking.token}/reschedule/?date=2026-12-01"))
    assert page.one("a", href="/rounds/suggest/?time_zone=Europe%2FAmsterdam")

    response = client.post(f"/bookings/{booking.token}/reschedule/", {"slot": "2026-12-01T10:00:00Z"})

    assert (response.status_code, response["Location"]) == (302, f"/bookings/{booking.token}/")
    assert Booking.objects.get().start == booking.start + timedelta(hours=1)


def test_a_manager_chooses_whose_meetings_to_see_and_finds_the_page_of_the_source(client, mary_manages, booking, ada):
    client.force_login(mary_manages)

    response = client.get("/meetings/?of=ada")

    assert response.context["people"] == [mary_manages, ada]
    assert read(response).one("a", href=f"/rounds/{booking.pk}/").text == "Round"


def test_a_manager_marks_a_no_show_and_returns_to_the_page_of_the_source(client, mary_manages, booking):
    client.force_login(mary_manages)

    with time_machine.travel(booking.end, tick=False):
        response = client.post(f"/meetings/{booking.pk}/no-show/", {"no_show": "on"})

    assert (response.status_code, response["Location"]) == (302, f"/rounds/{booking.pk}/")
    assert Booking.objects.get().no_show_at == booking.end


def test_the_source_is_among_the_ways_to_create(client, mary_manages):
    client.force_login(mary_manages)

    ways = client.get("/event-types/").context["ways_to_create"]

    assert [way.title for way in ways] == ["One-on-one", "One-off meeting", "Round"]


def test_without_its_source_a_booking_can_only_be_cancelled(client, booking, mary):
    page = read(client.get(f"/bookings/{booking.token}/"))
    assert page.all("section", class_="asked stack tight") == []
    assert "Change the time" not in page.text

    moving = client.post(f"/bookings/{booking.token}/reschedule/", {"slot": "2026-12-01T10:00:00Z"})

    assert (moving.status_code, Booking.objects.get().start) == (409, booking.start)
    client.force_login(mary)
    assert client.get("/meetings/?of=ada").context["teammate"] is None
    assert client.post(f"/meetings/{booking.pk}/no-show/", {"no_show": "on"}).status_code == 404


def test_each_app_registers_its_source():
    assert [type(source) for source in sources] == [EventTypeSource, OneOffSource]


def test_sources_are_asked_in_their_order(ada, booking):
    first, second = RoundSource(ada), RoundSource(ada)
    registry = Sources()
    registry.register(first)
    registry.register(second)

    assert registry.source_of(booking) is first
    registry.unregister(first)
    assert registry.source_of(booking) is second


def test_the_event_type_stored_with_a_booking_is_the_one_of_its_offer(ada):
    offer = find_offer("ada", "intro")
    booking = Booking()

    offer.attach(booking, now=NOW)

    assert booking.event_type == offer.event_type
