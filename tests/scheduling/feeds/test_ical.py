import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import recurring_ical_events
from icalendar import Calendar

from caledee.accounts.models import User
from scheduling.feeds.ical import calendar_file, write_calendar, write_cancellation, write_invitation
from scheduling.feeds.links import booking_link, google_link, outlook_link
from scheduling.models import Booking, Canceller
from tests.life.calendars import read_by_icalendar
from tests.life.libical import is_here, read_event

NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOSTILE = 'Eve "^n\r\nATTENDEE:mailto:all@example.com\x00\x0b\x85\u2028\u2029\r\u202e;,:\\\nEND:VEVENT'


@pytest.fixture
def booking(db):
    return Booking(
        organizer=User(name="Ada Lovelace", email="ada@example.com", time_zone="Europe/London", handle="ada"),
        name="Intro call",
        start=START,
        end=START + timedelta(minutes=30),
        location_kind="video",
        location="https://meet.example.com/ada",
        invitee_name="Jörg O'Brien 👩‍💻",
        invitee_email="jorg+x@example.com",
        invitee_time_zone="Asia/Kolkata",
        created_at=NOW,
        uid="0d8b4cbe-2a4b-4d27-a3ff-9d3b7e1f3a01",
    )


def lines_of(content):
    """Return the unfolded content lines, read by hand from the octets (RFC 5545, section 3.1)."""
    assert content.endswith(b"\r\n")
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


def event_of(content):
    calendar = Calendar.from_ical(content)
    [event] = recurring_ical_events.of(calendar).between(START - timedelta(days=1), START + timedelta(days=1))
    assert len(calendar.subcomponents) == 1
    return event


def test_invitation_says_everything_a_calendar_needs(booking):
    invite = write_invitation(booking, now=NOW)

    assert invite.method == "REQUEST"
    assert sorted(lines_of(invite.content)) == sorted(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Caledee//Caledee//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            "UID:0d8b4cbe-2a4b-4d27-a3ff-9d3b7e1f3a01",
            "SEQUENCE:0",
            "DTSTAMP:20261123T100000Z",
            "CREATED:20261123T100000Z",
            "DTSTART:20261201T090000Z",
            "DTEND:20261201T093000Z",
            "SUMMARY:Intro call: Ada Lovelace and Jörg O'Brien 👩‍💻",
            "LOCATION:https://meet.example.com/ada",
            f"DESCRIPTION:View\\, change or cancel this meeting:\\n{booking_link(booking)}",
            f"URL:{booking_link(booking)}",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            'ORGANIZER;CN="Ada Lovelace":mailto:ada@example.com',
            'ATTENDEE;CN="Ada Lovelace";PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:ada@example.com',
            'ATTENDEE;CN="Jörg O\'Brien 👩‍💻";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
            ":mailto:jorg+x@example.com",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )


def test_cancellation_has_the_same_identity_and_a_higher_sequence(booking):
    invitation = event_of(write_invitation(booking, now=NOW).content)
    booking.sequence += 1
    booking.cancelled_at, booking.cancelled_by, booking.cancel_reason = NOW, Canceller.ORGANIZER, "Ill.\r\nSorry."

    cancellation = write_cancellation(booking, now=NOW)

    event = event_of(cancellation.content)
    assert cancellation.method == Calendar.from_ical(cancellation.content)["METHOD"] == "CANCEL"
    assert event["UID"] == invitation["UID"]
    assert (invitation["SEQUENCE"], event["SEQUENCE"]) == (0, 1)
    assert (event["STATUS"], event["COMMENT"]) == ("CANCELLED", "Ill. Sorry.")
    assert event["ORGANIZER"] == "mailto:ada@example.com"
    assert event["ATTENDEE"] == ["mailto:ada@example.com", "mailto:jorg+x@example.com"]


def test_file_to_import_invites_nobody_and_names_everyone(booking):
    content = calendar_file(booking, now=NOW)

    calendar = Calendar.from_ical(content)
    (event,) = calendar.events
    assert set(calendar) == {"PRODID", "VERSION", "CALSCALE"}
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert set(event) == {
        *["UID", "SEQUENCE", "DTSTAMP", "CREATED", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL"],
        *["STATUS", "TRANSP"],
    }
    assert event["DESCRIPTION"].split("\n") == [
        *["Ada Lovelace, ada@example.com", "Jörg O'Brien 👩‍💻, jorg+x@example.com", ""],
        *["View, change or cancel this meeting:", booking_link(booking)],
    ]
    assert event_of(content).start == START


@pytest.mark.skipif(not is_here(), reason="no libical on this machine: `apt-get install libical3` gets it")
def test_file_to_import_is_read_alike_by_two_readers(booking):
    content = calendar_file(booking, now=NOW)

    read = read_event(content)

    assert read == read_by_icalendar(content)
    assert (read.method, read.organizer, read.attendees) == ("", "", ())
    assert (read.uid, read.start, read.status) == (booking.uid, "20261201T090000Z", "CONFIRMED")


def test_file_of_a_meeting_whose_invitee_is_forgotten_names_the_others(booking):
    booking.forgotten_at, booking.invitee_name, booking.invitee_email = NOW, "", ""

    assert event_of(calendar_file(booking, now=NOW))["DESCRIPTION"].startswith("Ada Lovelace, ada@example.com\n\nView")


def test_all_meetings_in_one_file_invite_nobody(booking):
    content = b"".join(write_calendar([booking, booking], now=NOW, link="https://caledee.test/meetings/"))

    names = [line.partition(":")[0].partition(";")[0] for line in lines_of(content)]
    assert names.count("BEGIN") == 3
    assert not {"METHOD", "ORGANIZER", "ATTENDEE"} & set(names)
    assert "jorg+x@example.com" in content.decode().replace("\r\n ", "")


def test_moments_of_any_zone_are_written_in_utc(booking):
    booking.start = START.astimezone(booking.invitee_zone)

    assert "DTSTART:20261201T090000Z" in lines_of(calendar_file(booking, now=NOW))


def test_lines_are_folded_at_75_octets_and_end_with_crlf(booking):
    booking.description = "Ünïcödé 👩‍💻 " * 100

    content = write_invitation(booking, now=NOW).content

    assert max(len(line) for line in content.split(b"\r\n")) == 75
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
    assert event_of(content)["DESCRIPTION"].startswith(booking.description.strip())


def test_hostile_text_stays_inside_its_property(booking):
    booking.name = booking.invitee_name = booking.organizer.name = booking.location = booking.notes = HOSTILE
    booking.description = booking.cancel_reason = HOSTILE
    booking.cancelled_at, booking.cancelled_by, booking.location_kind = NOW, Canceller.INVITEE, "address"

    content = write_cancellation(booking, now=NOW).content

    lines = lines_of(content)
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    assert sum(line.startswith("ATTENDEE") for line in lines) == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", "\n".join(lines))
    clean = "ATTENDEE:mailto:all@example.com ;,:\\ END:VEVENT"
    event = event_of(content)
    assert event["ORGANIZER"].params["CN"] == f"Eve n {clean}"
    assert event["LOCATION"] == f'Eve "^n {clean}'
    assert event["SUMMARY"] == f'Eve "^n {clean}: Eve "^n {clean} and Eve "^n {clean}'


@pytest.mark.parametrize(
    ("email", "uri"),
    [
        ("o'brien+work@example.com", "mailto:o'brien+work@example.com"),
        ("dana@bücher.example", "mailto:dana@xn--bcher-kva.example"),
        ('"a;b,c"@example.com', "mailto:%22a%3Bb%2Cc%22@example.com"),
        ("50%?x=y@example.com", "mailto:50%25%3Fx=y@example.com"),
    ],
)
def test_address_is_written_as_a_uri(booking, email, uri):
    booking.invitee_email = email

    assert event_of(write_invitation(booking, now=NOW).content)["ATTENDEE"][1] == uri


@pytest.mark.parametrize(
    ("kind", "location", "words"),
    [
        ("video", "", "Video call – Ada Lovelace will send the link"),
        ("phone", "+44 20 7946 0018", "Phone call: +44 20 7946 0018"),
        ("ask_invitee", "Café Ünï", "Café Ünï"),
    ],
)
def test_location_of_each_kind(booking, kind, location, words):
    booking.location_kind, booking.location = kind, location

    assert event_of(calendar_file(booking, now=NOW))["LOCATION"] == words


def test_google_link_fills_in_the_form(booking):
    address = urlsplit(google_link(booking))

    assert (address.scheme, address.netloc, address.path) == ("https", "calendar.google.com", "/calendar/render")
    assert parse_qs(address.query) == {
        "action": ["TEMPLATE"],
        "text": ["Intro call: Ada Lovelace and Jörg O'Brien 👩‍💻"],
        "dates": ["20261201T090000Z/20261201T093000Z"],
        "details": [f"View, change or cancel this meeting:\n{booking_link(booking)}"],
        "location": ["https://meet.example.com/ada"],
    }


def test_the_outlook_link_fills_in_the_form(booking):
    address = urlsplit(outlook_link(booking))

    assert address.netloc == "outlook.live.com"
    assert "+" not in address.query
    assert parse_qs(address.query) == {
        "path": ["/calendar/action/compose"],
        "rru": ["addevent"],
        "subject": ["Intro call: Ada Lovelace and Jörg O'Brien 👩‍💻"],
        "startdt": ["2026-12-01T09:00:00Z"],
        "enddt": ["2026-12-01T09:30:00Z"],
        "body": [f"View, change or cancel this meeting:\n{booking_link(booking)}"],
        "location": ["https://meet.example.com/ada"],
    }
