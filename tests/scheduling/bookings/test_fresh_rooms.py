"""Each booking of a video call with a room of its own gets a new address, which it keeps."""

import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from caledee.locations import LocationKind
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer
from scheduling.event_type_rules import details_of
from scheduling.event_types import change_event_type, create_event_type
from scheduling.feeds.addresses import open_feed
from scheduling.feeds.entries import booked_entries
from scheduling.feeds.ical import calendar_file
from scheduling.models import Booking, Canceller, EventType, EventTypeKind, RoomKind
from scheduling.rules import Reason, Refusal, Refused
from scheduling.tasks import send_confirmation
from tests.factories import (
    DANA,
    DANAS_FORM,
    EDSGER,
    book_event_type,
    book_team,
    make_collective,
    make_round_robin,
    on_tuesday,
)
from tests.support.times import NOW

ROOM = re.compile(r"https://(\w+)\.meet\.example/([A-Za-z0-9]{22})")


def set_up_rooms(*people):
    for person in people:
        person.room_template = f"https://{person.handle}.meet.example/{{random}}"
        person.save()


def offer_rooms(event_type):
    EventType.objects.filter(pk=event_type.pk).update(location="", room_kind=RoomKind.TEMPLATE)
    event_type.refresh_from_db()
    return event_type


def whose_room(booking):
    return ROOM.fullmatch(Booking.objects.get(pk=booking.pk).location)[1]


@pytest.fixture
def intro(ada):
    set_up_rooms(ada)
    return offer_rooms(ada.event_types.get())


def move(booking, clock):
    offer = EventTypeOffer(booking.event_type, moved=booking)
    return reschedule(booking, offer, offer.slot(on_tuesday(clock).isoformat()), now=NOW)


def test_each_booking_gets_a_room_of_its_own(ada, intro):
    bookings = [book_event_type(ada, clock) for clock in ("09:00", "10:00", "11:00")]

    rooms = [ROOM.fullmatch(booking.location)[2] for booking in bookings]
    assert len(set(rooms)) == 3
    assert {(booking.location_kind, booking.room_kind) for booking in bookings} == {("video", "template")}


def test_a_room_has_nothing_of_the_booking_or_its_people(ada, intro):
    booking = book_event_type(ada, "09:00")

    room = ROOM.fullmatch(booking.location)[2].lower()
    known = [booking.token, booking.uid, booking.pk.hex, str(booking.pk), "dijkstra", "lovelace"]
    assert [text for text in known if text.lower() in room or room in text.lower()] == []


def test_a_moved_booking_keeps_its_room(ada, intro):
    booking = book_event_type(ada, "09:00")

    moved = move(booking, "15:00")

    assert (moved.sequence, moved.location, moved.room_kind) == (1, booking.location, "template")


def test_a_booking_after_a_cancelled_one_gets_another_room(ada, intro):
    first = cancel(book_event_type(ada, "09:00"), by=Canceller.INVITEE, now=NOW)

    second = book_event_type(ada, "09:00")

    assert second.location != first.location


def test_a_form_that_is_sent_twice_makes_one_booking_with_one_room(organization, ada):
    set_up_rooms(ada)
    event_type = offer_rooms(make_round_robin(organization, ada))

    first, second = (book_team(event_type, "10:00", DANA, sender=DANAS_FORM) for _ in range(2))

    assert (first.pk, first.location) == (second.pk, second.location)
    assert Booking.objects.count() == 1


def test_the_room_is_the_address_in_emails_files_and_feeds(ada, intro, mailoutbox):
    booking = book_event_type(ada, "09:00")
    for recipient in ("invitee", "organizer"):
        send_confirmation(str(booking.pk), 0, recipient)
    open_feed(ada, now=NOW)

    assert [f"Video call: {booking.location}" in message.body for message in mailoutbox] == [True, True]
    assert f"LOCATION:{booking.location}" in calendar_file(booking, now=NOW).decode().replace("\r\n ", "")
    assert [entry.location for entry in booked_entries(ada, now=NOW)] == [booking.location]


def test_round_robin_uses_the_template_of_the_host_who_takes_the_meeting(organization, ada, alan):
    set_up_rooms(ada, alan)
    event_type = offer_rooms(make_round_robin(organization, ada, alan))

    bookings = [book_team(event_type, "10:00", invitee) for invitee in (DANA, EDSGER)]

    assert [(booking.organizer, whose_room(booking)) for booking in bookings] == [(ada, "ada"), (alan, "alan")]


def test_collective_uses_the_template_of_the_first_host(organization, ada, grace):
    set_up_rooms(ada, grace)
    event_type = offer_rooms(make_collective(organization, grace, ada))

    assert whose_room(book_team(event_type, "15:00")) == "grace"


def test_a_host_without_a_template_sends_the_link(organization, ada, alan):
    set_up_rooms(alan)
    event_type = offer_rooms(make_round_robin(organization, ada, alan))

    bookings = [book_team(event_type, "10:00", invitee) for invitee in (DANA, EDSGER)]

    assert [(each.organizer, each.location_kind, each.room_kind) for each in bookings] == [
        (ada, "video", ""),
        (alan, "video", "template"),
    ]
    assert (bookings[0].location, whose_room(bookings[1])) == ("", "alan")


@pytest.mark.parametrize("template", ["", "https://meet.example.org/", "http://meet.example.org/{random}"])
def test_without_a_usable_template_it_is_booked_and_the_organizer_sends_the_link(ada, intro, mailoutbox, template):
    ada.room_template = template
    ada.save()

    booking = book_event_type(ada, "09:00")

    assert (booking.location_kind, booking.location, booking.room_kind) == ("video", "", "")
    send_confirmation(str(booking.pk), 0, "invitee")
    assert "Video call – Ada Lovelace will send the link" in mailoutbox[0].body


def details(event_type, **changes):
    return replace(details_of(event_type), **changes)


def test_an_event_type_gives_up_its_link_for_fresh_rooms_and_takes_one_again(ada):
    set_up_rooms(ada)
    intro = ada.event_types.get()

    change_event_type(intro, details(intro, location="", room_kind=RoomKind.TEMPLATE), active=True, now=NOW)
    assert whose_room(book_event_type(ada, "09:00")) == "ada"

    change_event_type(intro, details(intro, location="meet.example.com/ada", room_kind=""), active=True, now=NOW)
    assert book_event_type(ada, "10:00").location == "https://meet.example.com/ada"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"room_kind": "template"},
            Refusal(
                "location_kind",
                Reason.NOT_ALLOWED,
                "Ada Lovelace hasn't set up fresh rooms. Choose another location, or set them up in Settings, Video "
                "calls.",
            ),
        ),
        ({"room_kind": "moon"}, Refusal("location_kind", Reason.INVALID, "Choose where you will meet.")),
        (
            {"room_kind": "template", "location_kind": LocationKind.ASK_INVITEE},
            Refusal("location_kind", Reason.NOT_ALLOWED, "Only a video call can have a fresh room."),
        ),
        (
            {"room_kind": "template", "location": "https://meet.example.com/ada"},
            Refusal("location", Reason.NOT_ALLOWED, "Leave out the link: each booking gets its own."),
        ),
    ],
    ids=["without a template", "unknown kind", "no video call", "with a link"],
)
def test_an_event_type_that_can_have_no_rooms_is_refused(ada, changes, refusal):
    intro = ada.event_types.get()

    with pytest.raises(Refused) as refused:
        create_event_type(details(intro, **{"slug": "other", "location": ""} | changes), owner=ada, now=NOW)
    assert refused.value.refusals == [refusal]
    with pytest.raises(Refused) as refused:
        change_event_type(intro, details(intro, **{"location": ""} | changes), active=True, now=NOW)
    assert refused.value.refusals == [refusal]
    assert EventType.objects.get().location == "https://meet.example.com/ada"


ROUND_ROBIN, COLLECTIVE = EventTypeKind.ROUND_ROBIN, EventTypeKind.COLLECTIVE
NONE_OF_THEM = (
    "None of the hosts has set up fresh rooms. Choose another location, or set them up in Settings, Video calls."
)


@pytest.mark.parametrize(
    ("kind", "with_rooms", "sentences"),
    [
        (ROUND_ROBIN, "ada", []),
        (ROUND_ROBIN, "alan", []),
        (ROUND_ROBIN, "grace", [NONE_OF_THEM]),
        (COLLECTIVE, "ada", []),
        (COLLECTIVE, "alan", [NONE_OF_THEM.replace("None of the hosts has", "Ada Lovelace hasn't")]),
    ],
)
def test_a_team_needs_somebody_whose_room_it_can_be(organization, ada, alan, grace, kind, with_rooms, sentences):
    set_up_rooms(next(person for person in (ada, alan, grace) if person.handle == with_rooms))
    wanted = details(ada.event_types.get(), location="", room_kind=RoomKind.TEMPLATE)

    said = []
    try:
        create_event_type(wanted, owner=organization, kind=kind, hosts=[ada, alan], now=NOW)
    except Refused as error:
        said = [refusal.sentence for refusal in error.refusals]

    assert said == sentences


@pytest.mark.parametrize(
    "changes", [{"location": "https://meet.example.com/ada"}, {"location_kind": LocationKind.PHONE, "location": ""}]
)
def test_the_database_knows_rooms_only_of_video_calls_without_a_link(ada, changes):
    with pytest.raises(IntegrityError, match="eventtype_room_is_video"), transaction.atomic():
        EventType.objects.update(room_kind=RoomKind.TEMPLATE, **changes)
