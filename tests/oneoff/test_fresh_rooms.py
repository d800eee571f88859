"""One-off meetings with a room of their own: the organizer's template, one room for each booking."""

import re
from datetime import timedelta

import pytest

from oneoff.board.reopening import reopen
from oneoff.models import OneOffMeeting
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import Wish, propose
from oneoff.tasks import send_creation
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from scheduling.rules import Reason, Refused
from tests.factories import book_one_off, make_one_off, offer_of, on_tuesday
from tests.oneoff.conftest import NOW
from tests.support.pages import read

ROOM = re.compile(r"https://ada\.meet\.example/[A-Za-z0-9]{22}-interview")
FRESH = {"location": "", "room_kind": "template"}


@pytest.fixture
def rooms(ada):
    ada.room_template = "https://ada.meet.example/{random}-{name}"
    ada.save()


def selected(page) -> str:
    (option,) = [each for each in page.by_id("id_location_kind").all("option") if "selected" in each.attributes]
    return option["value"]


def offered(page) -> list[str]:
    return [option["value"] for option in page.by_id("id_location_kind").all("option")]


PLAIN = ["video", "phone", "address", "ask_invitee"]
WITH_ROOMS = ["video", "fresh_room", "phone", "address", "ask_invitee"]


def test_a_booking_gets_a_room_and_a_reopened_meeting_another(ada, rooms):
    one_off = make_one_off(ada, "09:00", "10:00", **FRESH)
    first = book_one_off(one_off, "09:00")
    cancel(first, by=Canceller.INVITEE, now=NOW)
    reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=NOW)

    second = book_one_off(one_off, "10:00")

    assert [bool(ROOM.fullmatch(each.location)) for each in (first, second)] == [True, True]
    assert first.location != second.location


def suggestion(one_off, clock, booking=None):
    wish = Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday(clock)])
    return propose(offer_of(one_off).link, wish, booking=booking, now=NOW).times.get()


def test_an_accepted_time_gets_a_room_and_keeps_it_when_another_is_accepted(ada, rooms):
    one_off = make_one_off(ada, "09:00", **FRESH)

    booked = accept(suggestion(one_off, "16:00"), by=ada, now=NOW)
    moved = accept(suggestion(one_off, "17:00", booked), by=ada, now=NOW)

    assert ROOM.fullmatch(booked.location)
    assert (moved.pk, moved.start, moved.location) == (booked.pk, on_tuesday("17:00"), booked.location)


def test_no_room_is_made_or_shown_before_the_booking(client, ada, rooms):
    one_off = make_one_off(ada, "09:00", **FRESH)

    page = read(client.get(one_off.link.get_absolute_url()))

    assert "Video call You get the link when you book." in page.text
    assert "meet.example" not in page.text
    assert OneOffMeeting.objects.get().location == ""


def test_without_a_template_the_page_promises_no_link(client, ada, rooms):
    one_off = make_one_off(ada, "09:00", **FRESH)
    ada.room_template = ""
    ada.save()

    page = read(client.get(one_off.link.get_absolute_url()))
    booking = book_one_off(one_off, "09:00")

    assert "You get the link when you book." not in page.text
    assert (booking.location_kind, booking.location, booking.room_kind) == ("video", "", "")
    shown = read(client.get(booking.get_absolute_url()))
    assert "Where Video call – Ada Lovelace will send the link" in shown.text


def test_the_invitee_and_the_organizer_see_the_room_after_the_booking(client, browser_of, ada, rooms):
    booking = book_one_off(make_one_off(ada, "09:00", **FRESH), "09:00")

    invitee = read(client.get(booking.get_absolute_url()))
    organizer = read(browser_of(ada).get(f"/meetings/{booking.pk}/"))

    assert invitee.one("a", href=booking.location).text == booking.location
    assert f"Where Video call: {booking.location}" in organizer.text


def test_board_and_email_say_that_there_will_be_a_room(browser_of, ada, grace, rooms, mailoutbox):
    one_off = make_one_off(ada, "09:00", created_by=grace, **FRESH)
    send_creation(str(one_off.pk))

    assert "Video call, a fresh room" in read(browser_of(ada).get(f"/one-offs/{one_off.pk}/")).text
    assert "Video call, a fresh room" in mailoutbox[0].body


def test_the_creator_writes_a_meeting_with_a_room(ada, rooms, submit):
    one_off = submit(ada, location_kind="fresh_room", location="https://meet.example.com/left-over")

    assert (one_off.location_kind, one_off.location, one_off.room_kind) == ("video", "", "template")


def test_a_script_that_gives_a_link_gets_no_room(ada, rooms, submit):
    one_off = submit(ada)

    assert (one_off.location_kind, one_off.location, one_off.room_kind) == (
        "video",
        "https://meet.example.com/ada",
        "",
    )


def test_an_organizer_with_rooms_finds_a_fresh_one_selected(browser_of, ada, rooms):
    page = read(browser_of(ada).get("/one-offs/new/"))

    assert (offered(page), selected(page)) == (WITH_ROOMS, "fresh_room")


def test_without_rooms_the_creator_says_where_to_set_them_up(browser_of, ada, grace):
    page = read(browser_of(ada).get("/one-offs/new/"))

    assert (offered(page), selected(page)) == (PLAIN, "video")
    assert page.one("a", href="/settings/video-calls/").text == "set up fresh rooms"


def test_a_step_keeps_the_choice(browser_of, ada, rooms, creation):
    response = browser_of(ada).post("/one-offs/new/", creation(location_kind="fresh_room", refresh="1", create=None))

    assert selected(read(response)) == "fresh_room"


@pytest.mark.parametrize(("link", "kind"), [(FRESH, "fresh_room"), ({}, "video")])
def test_a_duplicate_keeps_the_choice(browser_of, ada, rooms, link, kind):
    one_off = make_one_off(ada, "09:00", **link)

    page = read(browser_of(ada).get(f"/one-offs/new/?duplicate={one_off.pk}"))

    assert selected(page) == kind


def test_a_duplicate_keeps_the_choice_after_the_template_is_gone(browser_of, ada, rooms, creation):
    one_off = make_one_off(ada, "09:00", **FRESH)
    ada.room_template = ""
    ada.save()
    browser = browser_of(ada)

    assert selected(read(browser.get(f"/one-offs/new/?duplicate={one_off.pk}"))) == "fresh_room"
    assert browser.post("/one-offs/new/", creation(location_kind="fresh_room")).status_code == 422
    assert OneOffMeeting.objects.count() == 1


def test_for_a_teammate_their_template_is_used(ada, alan, rooms, submit):
    alan.room_template = "https://alan.meet.example/{random}"
    alan.save()

    one_off = submit(ada, organizer="alan", location_kind="fresh_room", times=["2026-12-01T14:30"])

    booking = book_one_off(one_off, "09:00")
    assert booking.location.startswith("https://alan.meet.example/")


def test_a_teammate_without_a_template_is_named_and_nothing_typed_is_lost(browser_of, ada, alan, rooms, creation):
    response = browser_of(ada).post("/one-offs/new/", creation(organizer="alan", location_kind="fresh_room"))

    page = read(response)
    assert response.status_code == 422
    assert page.by_id("id_location_kind_error").text == (
        "Alan Turing hasn't set up fresh rooms. Choose another location, or set them up in Settings, Video calls."
    )
    assert (selected(page), page.by_id("id_name")["value"]) == ("fresh_room", "Interview with Dana")
    assert OneOffMeeting.objects.count() == 0


def test_an_admin_sees_no_template_of_a_teammate(browser_of, ada, alan):
    alan.room_template = "https://alan.meet.example/{random}"
    alan.save()

    page = browser_of(ada).get("/one-offs/new/?organizer=alan")

    assert selected(read(page)) == "fresh_room"
    assert "alan.meet.example" not in page.content.decode()


def test_the_domain_refuses_a_room_that_the_organizer_cannot_have(ada):
    with pytest.raises(Refused) as refused:
        make_one_off(ada, "09:00", duration=timedelta(minutes=1), **FRESH)

    assert [(each.field, each.reason) for each in refused.value.refusals] == [
        ("duration", Reason.TOO_SMALL),
        ("location_kind", Reason.NOT_ALLOWED),
    ]
