"""The content of a calendar feed, parsed by a library and by a strict parser."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import recurring_ical_events
from icalendar import Calendar

from caledee.timekeeping.periods import Period
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.feed import compose_feed
from oneoff.models import OneOffMeeting
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.feeds import addresses
from scheduling.feeds.ical import CalendarEntry, write_feed
from scheduling.models import Booking, Canceller
from tests.factories import (
    DANA,
    book_event_type,
    book_one_off,
    half_hour,
    make_one_off,
    on_tuesday,
    time_of,
)
from tests.support.calendar_lines import events_of, read_calendar
from tests.support.times import NOW, at

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
HOSTILE = 'Eve;,:\\ "^n\r\nEND:VEVENT\r\nX-A:b\x0b\x85\u2028\u2029\u202e e' + "\u0301" * 500


def feed_of(person, *, now=NOW):
    return compose_feed(addresses.open_feed(person, now=NOW), now=now)


def shown(person, *, now=NOW):
    """Return the content of the person's feed. Both parsers have to agree."""
    content = feed_of(person, now=now).content
    by_hand = [
        (each["STATUS"], each["SUMMARY"], Period(each.moment("DTSTART"), each.moment("DTEND")))
        for each in events_of(content)
    ]
    library = recurring_ical_events.of(Calendar.from_ical(content)).between(
        NOW - 400 * 24 * HOUR, NOW + 400 * 24 * HOUR
    )
    assert sorted(by_hand) == sorted(
        (str(each["STATUS"]), str(each["SUMMARY"]), Period(each.start, each.end)) for each in library
    )
    return by_hand


def test_meetings_are_confirmed_and_holds_are_tentative(ada, grace):
    book_event_type(ada, "14:00")
    make_one_off(ada, "09:00", "10:00")
    make_one_off(grace, "15:00", name="Somebody else's")
    book_event_type(grace, "16:00")

    assert shown(ada) == [
        ("CONFIRMED", "Intro call: Ada Lovelace and Edsger Dijkstra", half_hour("14:00")),
        ("TENTATIVE", "Held: Interview", half_hour("09:00")),
        ("TENTATIVE", "Held: Interview", half_hour("10:00")),
    ]


def test_a_meeting_has_the_uid_of_its_invitation(ada):
    booking = book_event_type(ada, "14:00", Invitee("Dana Scott", "dana@example.com", "Europe/Paris", notes="Hello."))

    (event,) = events_of(feed_of(ada).content)

    assert event.properties == {
        "UID": booking.uid,
        "SEQUENCE": "0",
        "DTSTAMP": "20261123T080000Z",
        "CREATED": "20261123T080000Z",
        "LAST-MODIFIED": "20261123T080000Z",
        "DTSTART": "20261201T140000Z",
        "DTEND": "20261201T143000Z",
        "SUMMARY": "Intro call: Ada Lovelace and Dana Scott",
        "LOCATION": "https://meet.example.com/ada",
        "DESCRIPTION": "Dana Scott, dana@example.com\nHello.\n\n"
        "View, change or cancel this meeting:\nhttp://caledee.test/meetings/",
        "URL": "http://caledee.test/meetings/",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS": "BUSY",
    }
    assert booking.token not in feed_of(ada).content.decode()


def test_a_hold_blocks_the_time_and_links_to_its_one_off(ada):
    one_off = make_one_off(ada, "09:00", "10:00")

    first, second = events_of(feed_of(ada).content)

    assert first.properties == {
        "UID": first["UID"],
        "SEQUENCE": "0",
        "DTSTAMP": "20261123T080000Z",
        "CREATED": "20261123T080000Z",
        "LAST-MODIFIED": "20261123T080000Z",
        "DTSTART": "20261201T090000Z",
        "DTEND": "20261201T093000Z",
        "SUMMARY": "Held: Interview",
        "URL": f"http://caledee.test/one-offs/{one_off.pk}/",
        "STATUS": "TENTATIVE",
        "TRANSP": "OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS": "TENTATIVE",
    }
    assert first["UID"] != second["UID"]
    assert [event["UID"] for event in events_of(feed_of(ada, now=NOW + HOUR).content)] == [first["UID"], second["UID"]]
    assert one_off.link.token not in feed_of(ada).content.decode().replace("\r\n ", "")


def test_the_calendar_has_a_name_and_a_refresh_interval(ada):
    ada.name = "Ada; Countess, \\"
    ada.save()

    calendar = read_calendar(feed_of(ada).content)

    assert calendar.properties == {
        "PRODID": "-//Caledee//Caledee//EN",
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "NAME": "Caledee: Ada; Countess, \\",
        "X-WR-CALNAME": "Caledee: Ada; Countess, \\",
        "REFRESH-INTERVAL;VALUE=DURATION": "PT15M",
        "X-PUBLISHED-TTL": "PT15M",
    }


def test_an_empty_feed_is_a_valid_calendar(ada):
    content = feed_of(ada).content

    assert [part.name for part in read_calendar(content).parts] == ["VTIMEZONE"]
    assert Calendar.from_ical(content).walk("VEVENT") == []


def test_cohosts_see_meetings_and_holds_with_links_they_can_open(ada, grace, alan):
    panel = make_one_off(ada, "09:00", name="Panel", cohosts=[grace])
    book_one_off(make_one_off(ada, "11:00", name="Round", cohosts=[grace]), "11:00")

    expected = [
        ("CONFIRMED", "Round: Ada Lovelace, Grace Hopper and Dana Scott", half_hour("11:00")),
        ("TENTATIVE", "Held: Panel", half_hour("09:00")),
    ]
    assert [shown(ada), shown(grace), shown(alan)] == [expected, expected, []]
    held = [events_of(feed_of(person).content)[1] for person in (ada, grace)]
    assert held[0]["UID"] == held[1]["UID"]
    assert [each["URL"] for each in held] == [f"http://caledee.test/one-offs/{panel.pk}/"] * 2


def test_a_cancelled_meeting_is_left_out(ada):
    kept, gone = book_event_type(ada, "09:00"), book_event_type(ada, "14:00")
    cancel(gone, by=Canceller.INVITEE, now=NOW)

    assert [event["UID"] for event in events_of(feed_of(ada).content)] == [kept.uid]


def test_a_moved_meeting_keeps_its_uid_and_has_a_new_change_time(ada):
    booking = book_event_type(ada, "09:00")
    offer = EventTypeOffer(ada.event_types.get(), moved=booking)

    reschedule(booking, offer, offer.slot(on_tuesday("15:00").isoformat()), now=NOW + HOUR)

    (event,) = events_of(feed_of(ada, now=NOW + HOUR).content)
    assert (event["UID"], event["SEQUENCE"], event["DTSTART"]) == (booking.uid, "1", "20261201T150000Z")
    assert (event["CREATED"], event["LAST-MODIFIED"], event["DTSTAMP"]) == (
        "20261123T080000Z",
        "20261123T090000Z",
        "20261123T090000Z",
    )


def test_a_hold_disappears_the_moment_it_lapses(ada):
    make_one_off(ada, "09:00", "11:00", valid_until=on_tuesday("10:00"))

    assert [len(shown(ada, now=now)) for now in (NOW, on_tuesday("09:00") - SECOND)] == [2, 2]
    assert shown(ada, now=on_tuesday("09:00")) == [("TENTATIVE", "Held: Interview", half_hour("11:00"))]
    assert shown(ada, now=on_tuesday("10:00")) == []


def test_a_booked_link_leaves_its_meeting_but_no_holds(ada):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00")

    book_one_off(one_off, "10:00")

    assert shown(ada) == [("CONFIRMED", "Interview: Ada Lovelace and Dana Scott", half_hour("10:00"))]


def test_offered_times_that_are_not_held_are_not_shown(ada):
    make_one_off(ada, "09:00", hold_times=False)

    assert shown(ada) == []


def test_meetings_of_the_last_ninety_days_are_shown(ada):
    for days, name in ((91, "Long ago"), (89, "Lately"), (-300, "Far ahead")):
        start = NOW - timedelta(days=days)
        Booking.objects.create(
            organizer=ada,
            name=name,
            start=start,
            end=start + HOUR,
            location_kind="phone",
            invitee_name="Dana",
            invitee_email="dana@example.com",
            invitee_time_zone="Europe/Paris",
            created_at=start,
            updated_at=start,
            uid=str(uuid4()),
        )

    assert [summary for _, summary, _ in shown(ada)] == [
        "Lately: Ada Lovelace and Dana",
        "Far ahead: Ada Lovelace and Dana",
    ]


def test_times_on_both_sides_of_a_clock_change_are_the_same_moments(ada):
    """Clocks in London go back at 01:00 UTC on 25 October 2026."""
    october = datetime(2026, 10, 1, tzinfo=UTC)
    starts = [at("2026-10-24 09:00"), at("2026-10-26 09:00")]
    booking = book_event_type(ada, "09:00")
    for start in starts:
        Booking.objects.create(
            **{
                **Booking.objects.filter(pk=booking.pk).values().get(),
                "id": uuid4(),
                "token": uuid4().hex,
                "uid": str(uuid4()),
                "start": start,
                "end": start + HOUR,
            }
        )

    assert [event["DTSTART"] for event in events_of(feed_of(ada, now=october).content)] == [
        "20261024T080000Z",
        "20261026T090000Z",
        "20261201T090000Z",
    ]


def test_hostile_text_stays_inside_its_property(ada):
    ada.name = HOSTILE[:100]
    ada.save()
    book_event_type(ada, "14:00", Invitee(HOSTILE[:100], "eve@example.com", "Europe/Paris", notes=HOSTILE))
    OneOffMeeting.objects.filter(pk=make_one_off(ada, "09:00").pk).update(name=HOSTILE[:100])

    content = feed_of(ada).content

    calendar = read_calendar(content)
    assert [part.name for part in calendar.parts] == ["VEVENT", "VEVENT"]
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202e]", content.decode())
    clean = 'Eve;,:\\ "^n END:VEVENT X-A:b e'
    assert re.sub("\u0301+", "", calendar["NAME"]) == f"Caledee: {clean}"
    assert re.sub("\u0301+", "", calendar.parts[1]["SUMMARY"]) == f"Held: {clean}"
    assert calendar.parts[0]["DESCRIPTION"].count("\u0301") == HOSTILE[:100].count("\u0301") + 500
    assert [str(event["SUMMARY"]) for event in Calendar.from_ical(content).walk("VEVENT")] == [
        part["SUMMARY"] for part in calendar.parts
    ]


def test_nul_is_removed_although_no_database_stores_it():
    entry = CalendarEntry("a", half_hour("09:00"), "Held: Interview", NOW, NOW, is_tentative=True)

    assert read_calendar(write_feed("Ada\x00\r\nX:y", [entry]))["NAME"] == "Ada X:y"


def test_the_feed_does_not_change_by_itself(ada):
    book_event_type(ada, "14:00")
    make_one_off(ada, "09:00")

    assert feed_of(ada, now=NOW) == feed_of(ada, now=NOW + HOUR)


def change_booked(ada, one_off):
    book_event_type(ada, "15:00", now=NOW + HOUR)


def change_link_booked(ada, one_off):
    book_one_off(one_off, "09:00", DANA, now=NOW + HOUR)


def change_created(ada, one_off):
    make_one_off(ada, "16:00", now=NOW + HOUR)


def change_withdrawn(ada, one_off):
    withdraw_time(time_of(one_off, "09:00"), by=None, now=NOW + HOUR)


def change_deleted(ada, one_off):
    delete_one_off(one_off, by=None, now=NOW + HOUR)


def change_cancelled(ada, one_off):
    cancel(Booking.objects.get(), by=Canceller.INVITEE, now=NOW + HOUR)


def change_moved(ada, one_off):
    offer = EventTypeOffer(ada.event_types.get(), moved=Booking.objects.get())
    reschedule(Booking.objects.get(), offer, offer.slot(on_tuesday("15:00").isoformat()), now=NOW + HOUR)


@pytest.mark.parametrize(
    "change",
    [
        change_booked,
        change_link_booked,
        change_created,
        change_withdrawn,
        change_deleted,
        change_cancelled,
        change_moved,
    ],
)
def test_each_change_updates_the_etag_and_the_date(ada, change):
    book_event_type(ada, "14:00")
    one_off = make_one_off(ada, "09:00", "10:00")
    before = feed_of(ada)

    change(ada, one_off)

    after = feed_of(ada, now=NOW + HOUR)
    assert (before.changed_at, after.changed_at) == (NOW, NOW + HOUR)
    assert before.etag != after.etag


def test_reopening_an_old_meeting_changes_the_feed(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    cancel(book_one_off(one_off, "09:00"), by=Canceller.INVITEE, now=NOW)
    before = feed_of(ada)

    reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=NOW + HOUR)

    after = feed_of(ada, now=NOW + HOUR)
    assert (before.changed_at, after.changed_at) == (NOW, NOW + HOUR)
    assert [summary for _, summary, _ in shown(ada, now=NOW + HOUR)] == ["Held: Interview"] * 2


def test_time_alone_changes_it_if_a_hold_lapses_or_a_meeting_gets_old(ada):
    book_event_type(ada, "14:00")
    make_one_off(ada, "09:00")
    lapse, too_old = on_tuesday("09:00"), on_tuesday("14:30") + timedelta(days=90)

    moments = [NOW, lapse - SECOND, lapse, too_old - SECOND, too_old]
    states = [feed_of(ada, now=now) for now in moments]

    assert [state.changed_at for state in states] == [NOW, NOW, lapse, lapse, too_old]
    assert states[0].etag == states[1].etag
    assert states[2].etag == states[3].etag
    assert len({state.etag for state in states}) == 3


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_makes_the_same_number_of_queries(ada, django_assert_num_queries, number):
    for hour in range(9, 9 + number):
        make_one_off(ada, f"{hour:02}:00")
        book_event_type(ada, f"{hour + 4}:00")
    feed = addresses.open_feed(ada, now=NOW)

    # The meetings and their cohosts; when they changed and a hold lapsed; the holds and their one-offs.
    with django_assert_num_queries(8):
        compose_feed(feed, now=NOW)
