"""The files contain everything of a person and no secrets of others."""

import json
from datetime import timedelta
from itertools import islice

import pytest
from icalendar import Calendar

from caledee.accounts.handles.register import take_handle
from caledee.accounts.models import Invitation, User
from caledee.locations import LocationKind
from scheduling.bookings.book import cancel
from scheduling.bookings.offers import Invitee
from scheduling.feeds.ical import write_calendar
from scheduling.models import Booking, Canceller
from tests.factories import book_event_type, book_one_off, half_hour, make_one_off
from tests.support.calendars import make_calendar, make_connection
from tests.support.times import NOW

JSON = "/settings/data/caledee.json"
ICS = "/settings/data/meetings.ics"


def data_of(browser):
    response = browser.get(JSON)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Content-Disposition"] == 'attachment; filename="caledee.json"'
    assert "no-store" in response["Cache-Control"]
    return json.loads(response.content)


def events_of(browser):
    response = browser.get(ICS)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    content = b"".join(response.streaming_content)
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    (calendar,) = Calendar.from_ical(content, multiple=True)
    assert (calendar["VERSION"], "METHOD" in calendar, calendar.errors) == ("2.0", False, [])
    return calendar.events


def test_everything_is_in_the_file(browser_of, ada, grace):
    intro = book_event_type(ada, "10:00")
    one_off = make_one_off(ada, "09:00", "11:00")
    booked = book_one_off(make_one_off(ada, "12:00", name="Booked one"), "12:00")
    cancel(booked, by=Canceller.INVITEE, reason="Ill", now=NOW)
    with_ada = book_event_type(grace, "15:00")
    with_ada.cohosts.add(ada)
    make_calendar(ada, half_hour("10:00"), connection=make_connection(ada, credentials='{"password": "s3cret"}'))
    take_handle(ada, "countess", now=NOW)

    data = data_of(browser_of(ada))

    assert list(data) == [
        "exported_at",
        "profile",
        "organizations",
        "invitations_sent",
        "working_hours",
        "event_types",
        "calendars",
        "one_off_meetings",
        "meetings",
        "meetings_as_cohost",
        "emails",
        "history",
    ]
    profile = data["profile"]
    assert (profile["name"], profile["email"], profile["handle"], profile["time_zone"], profile["clock"]) == (
        "Ada Lovelace",
        "ada@example.com",
        "countess",
        "Europe/London",
        "24",
    )
    assert profile["former_handles"] == [{"handle": "ada", "left_at": "2026-11-23T08:00:00Z"}]
    assert profile["email_addresses"] == [{"email": "ada@example.com", "verified": True, "primary": True}]
    [connection] = data["calendars"]
    assert (connection["kind"], connection["host"]) == ("feed", "calendars.example.com")
    assert [(each["name"], each["counts"]) for each in connection["calendars"]] == [("Work", True)]
    assert "secret" not in json.dumps(connection)
    assert "s3cret" not in json.dumps(data)
    assert data["organizations"] == [{"name": "Analytical Engines", "handle": "analytical-engines", "role": "owner"}]
    assert data["working_hours"][0]["weekly"][0] == {"day": "Monday", "start": "09:00:00", "end": "17:00:00"}
    assert [(each["name"], each["slug"], each["minutes"]) for each in data["event_types"]] == [
        ("Intro call", "intro", 30)
    ]
    states = {each["name"]: (each["state"], each["booked_as"], each["times"]) for each in data["one_off_meetings"]}
    nine, eleven, twelve = (
        {"start": f"2026-12-01T{hour}:00:00Z", "end": f"2026-12-01T{hour}:30:00Z"} for hour in ("09", "11", "12")
    )
    assert [(each["kind"], each["address"]) for each in data["emails"][:2]] == [("confirmed", "ada@example.com")] * 2
    assert states == {
        one_off.name: ("waiting", None, [nine, eleven]),
        "Booked one": ("ended", booked.uid, [twelve]),
    }
    assert [(each["uid"], each["cancel_reason"], each["event_type"]) for each in data["meetings"]] == [
        (intro.uid, "", "intro"),
        (booked.uid, "Ill", None),
    ]
    assert [(each["uid"], each["organizer"], each["cohosts"]) for each in data["meetings_as_cohost"]] == [
        (with_ada.uid, "Grace Hopper", ["Ada Lovelace"])
    ]


def test_the_files_contain_no_secrets_and_nothing_of_others(browser_of, ada, grace):
    mine = book_one_off(make_one_off(ada, "12:00"), "12:00")
    open_one = make_one_off(ada, "09:00")
    hers = book_one_off(make_one_off(grace, "15:00", name="Private talk"), "15:00")
    Invitation.objects.create(
        organization=ada.organizations.get(), email="new@example.com", invited_by=ada, created_at=NOW
    )
    browser = browser_of(ada)

    files = [browser.get(JSON).content.decode(), b"".join(browser.get(ICS).streaming_content).decode()]
    text = "\n".join(files).replace("\r\n ", "")

    secrets = [
        *[mine.token, open_one.link.token, hers.token, Invitation.objects.get().token],
        *[ada.password, User.objects.get(handle="grace").password, "Private talk", hers.uid, "grace@example.com"],
    ]
    assert [secret for secret in secrets if secret in text] == []
    assert "new@example.com" in files[0]


def test_the_template_and_the_rooms_made_from_it_are_in_the_file(browser_of, ada):
    ada.room_template = "https://meet.example.org/{random}"
    ada.save()
    booking = book_one_off(make_one_off(ada, "12:00", location="", room_kind="template"), "12:00")

    data = data_of(browser_of(ada))

    assert data["profile"]["room_template"] == "https://meet.example.org/{random}"
    assert [(each["location"], each["room_kind"]) for each in data["one_off_meetings"]] == [("", "template")]
    assert [(each["location"], each["room_kind"]) for each in data["meetings"]] == [(booking.location, "template")]
    assert [each["room_kind"] for each in data["event_types"]] == [""]


def test_the_files_of_a_stranger_are_empty(browser_of, ada, mary):
    book_event_type(ada, "10:00")

    data = data_of(browser_of(mary))

    assert [data[name] for name in ("organizations", "one_off_meetings", "meetings", "meetings_as_cohost")] == [[]] * 4
    assert browser_of(mary).get(ICS).status_code == 404


def test_the_calendar_contains_all_meetings_and_can_be_parsed(browser_of, settings, ada, grace):
    odd = Invitee(
        name='Dana "Danger"; Scott, PhD\\n',
        email="dana+x@example.com",
        time_zone="Europe/Paris",
        notes="BEGIN:VEVENT\r\nEND:VCALENDAR",
    )
    first = book_event_type(ada, "10:00", odd)
    second = book_event_type(ada, "11:00")
    cancel(second, by=Canceller.ORGANIZER, reason="Line\r\nEND:VEVENT", now=NOW)
    third = book_event_type(grace, "15:00")
    third.cohosts.add(ada)

    events = events_of(browser_of(ada))

    assert [(str(event["UID"]), str(event["STATUS"]), event.start) for event in events] == [
        (first.uid, "CONFIRMED", first.start),
        (second.uid, "CANCELLED", second.start),
        (third.uid, "CONFIRMED", third.start),
    ]
    assert {str(event["URL"]) for event in events} == {f"{settings.BASE_URL}/meetings/"}
    assert [name for event in events for name in ("ORGANIZER", "ATTENDEE") if name in event] == []
    assert [str(event["DESCRIPTION"]).partition("\n\n")[0] for event in events] == [
        'Ada Lovelace, ada@example.com\nDana "Danger"; Scott, PhD\\n, dana+x@example.com',
        "Ada Lovelace, ada@example.com\nEdsger Dijkstra, edsger@example.com",
        "Grace Hopper, grace@example.com\nAda Lovelace, ada@example.com\nEdsger Dijkstra, edsger@example.com",
    ]


def many_meetings(person, number):
    Booking.objects.bulk_create(
        Booking(
            organizer=person,
            name=f"Meeting {n}",
            start=NOW + timedelta(hours=n),
            end=NOW + timedelta(hours=n, minutes=30),
            location_kind=LocationKind.PHONE,
            invitee_name=f"Somebody {n}",
            invitee_email=f"somebody{n}@example.com",
            invitee_time_zone="Europe/Paris",
            created_at=NOW,
            uid=f"{person.handle}-{n}",
        )
        for n in range(number)
    )


@pytest.mark.parametrize("number", [1, 300])
def test_the_number_of_queries_does_not_grow(browser_of, ada, django_assert_num_queries, number):
    many_meetings(ada, number)
    for clock in ("09:00", "11:00", "13:00")[:number]:
        make_one_off(ada, clock)
        make_calendar(ada)
    browser = browser_of(ada)

    with django_assert_num_queries(22):
        assert len(data_of(browser)["meetings"]) == number
    with django_assert_num_queries(6):
        assert len(events_of(browser)) == number


def test_ten_thousand_meetings_can_be_downloaded(browser_of, ada):
    many_meetings(ada, 10_000)

    assert len(data_of(browser_of(ada))["meetings"]) == 10_000


def test_the_calendar_is_written_event_by_event(ada):
    booking, read = book_event_type(ada, "10:00"), []

    def bookings():
        for number in range(10_000):
            read.append(number)
            yield booking

    pieces = islice(write_calendar(bookings(), now=NOW, link="https://caledee.example.com/meetings/"), 11)

    assert [piece.count(b"BEGIN:VEVENT") for piece in pieces] == [0] + [1] * 10
    assert read == list(range(10))
