"""What each email says, to whom, and when none is sent. Delivery is tested in test_delivery.py."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.db import transaction
from icalendar import Calendar
from procrastinate.contrib.django.models import ProcrastinateJob

from scheduling.bookings.book import book, cancel
from scheduling.bookings.events import Moved
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.emails.listeners import queue_confirmations
from scheduling.events import Entry
from scheduling.models import Booking, Canceller
from scheduling.tasks import send_cancellation, send_confirmation

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
START = "2026-12-01T09:00:00Z"
INVITEE = Invitee(
    name="Dana O'Brien", email="dana@example.com", time_zone="Asia/Kolkata", notes="Hello,\r\nand thanks."
)


@pytest.fixture
def offer(ada):
    return EventTypeOffer(ada.event_types.get())


@pytest.fixture
def booking(offer):
    return book(offer, offer.slot(START), INVITEE, now=NOW)


def jobs():
    rows = ProcrastinateJob.objects.order_by("id").values_list("task_name", "queue_name", "status", "args")
    return [(name, queue, status, args["sequence"], args["recipient"]) for name, queue, status, args in rows]


def parse(message):
    return email.message_from_bytes(message.message(policy=email.policy.SMTP).as_bytes(), policy=email.policy.default)


def sent(task, booking, mailoutbox):
    """Return what the invitee and the organizer get, as they would read it."""
    mailoutbox.clear()
    for recipient in ["invitee", "organizer"]:
        task(str(booking.pk), booking.sequence, recipient)
    return [parse(message) for message in mailoutbox]


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def mailbox_of(message, header):
    """Decode with the older of Python's two parsers: the newer one of 3.13.0 puts spaces between encoded words."""
    words, address = parseaddr(
        message.policy.header_source_parse([f"{header}: {dict(message.raw_items())[header]}"])[1]
    )
    return str(make_header(decode_header(words))), address


def event_of(message):
    [event] = Calendar.from_ical(list(message.iter_parts())[-1].get_content()).events
    return event


def test_booking_queues_one_email_for_each_side(booking):
    assert jobs() == [
        ("scheduling.mail_confirmation", "mail", "todo", 0, "invitee"),
        ("scheduling.mail_confirmation", "mail", "todo", 0, "organizer"),
    ]


def test_cancelling_queues_one_email_for_each_side(booking):
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert jobs()[2:] == [
        ("scheduling.mail_cancellation", "mail", "todo", 1, "invitee"),
        ("scheduling.mail_cancellation", "mail", "todo", 1, "organizer"),
    ]


def test_rolled_back_booking_queues_nothing(offer):
    with transaction.atomic():
        book(offer, offer.slot(START), INVITEE, now=NOW)
        queued = len(jobs())
        transaction.set_rollback(True)

    assert (queued, Booking.objects.count(), jobs()) == (2, 0, [])


def test_jobs_name_no_address_and_no_token(booking):
    words = str(list(ProcrastinateJob.objects.values()))

    assert [text for text in ("dana", "ada@", booking.token, "Intro") if text in words] == []


def test_queueing_the_emails_of_a_booking_takes_three_queries(booking, django_assert_num_queries):
    booking.sequence += 1

    with django_assert_num_queries(3):
        queue_confirmations(Moved(booking, before=booking.period), Entry(NOW, None))


def test_confirmation_to_the_invitee(booking, mailoutbox):
    message, _ = sent(send_confirmation, booking, mailoutbox)

    assert (message["To"], message["From"], message["Reply-To"], message["Subject"]) == (
        "dana@example.com",
        "Ada Lovelace via Caledee <caledee@caledee.test>",
        "Ada Lovelace <ada@example.com>",
        "Intro call: Tuesday 1 December 2026, 14:30 IST",
    )
    assert (
        text_of(message)
        == f"""\
Intro call

Your meeting with Ada Lovelace is confirmed.

When
Tuesday 1 December 2026
14:30 to 15:00 (Kolkata, IST)
30 minutes

The same time for Ada Lovelace
Tuesday 1 December 2026
09:00 to 09:30 (London, GMT)

Where
Video call: https://meet.example.com/ada

See, change or cancel it:
http://caledee.test/bookings/{booking.token}/

--
You're receiving this email because this address was entered when the meeting was booked.
"""
    )


def test_confirmation_to_the_organizer(booking, mailoutbox):
    _, message = sent(send_confirmation, booking, mailoutbox)

    assert (message["To"], message["From"], message["Reply-To"], message["Subject"]) == (
        "ada@example.com",
        "Caledee <caledee@caledee.test>",
        "Dana O'Brien <dana@example.com>",
        "Intro call: Tuesday 1 December 2026, 09:00 GMT",
    )
    assert (
        text_of(message)
        == f"""\
Intro call

Dana O'Brien has booked a meeting with you.

When
Tuesday 1 December 2026
09:00 to 09:30 (London, GMT)
30 minutes

The same time for Dana O'Brien
Tuesday 1 December 2026
14:30 to 15:00 (Kolkata, IST)

Where
Video call: https://meet.example.com/ada

Who
Dana O'Brien
dana@example.com

Their notes
> Hello,
> and thanks.

Open the meeting:
http://caledee.test/meetings/{booking.pk}/

--
You're receiving this email because you are the organizer of this meeting.
"""
    )
    assert booking.token not in message.as_string() + str(event_of(message))


def test_html_says_the_same_and_loads_nothing(booking, mailoutbox):
    for message in sent(send_confirmation, booking, mailoutbox):
        html = message.get_body(("html",)).get_content()
        for line in text_of(message).splitlines():
            shown = line.removeprefix("> ").rstrip(":").replace("'", "&#x27;")
            assert shown in html or shown == "--"
        assert re.findall(r"<(?:img|script|link|iframe)|url\(|@import", html) == []


def test_one_zone_is_enough_where_clocks_agree(offer, mailoutbox):
    invitee = Invitee(name="Dana", email="dana@example.com", time_zone="Europe/Lisbon")
    booking = book(offer, offer.slot(START), invitee, now=NOW)

    message, _ = sent(send_confirmation, booking, mailoutbox)

    assert re.findall(r".* to .*\(.*\)", text_of(message)) == ["09:00 to 09:30 (Lisbon, WET)"]


@pytest.mark.parametrize(
    ("by", "openings"),
    [
        (
            Canceller.INVITEE,
            [
                "You have cancelled this meeting with Ada Lovelace.",
                "Dana O'Brien has cancelled this meeting with you.",
            ],
        ),
        (
            Canceller.ORGANIZER,
            [
                "Ada Lovelace has cancelled this meeting with you.",
                "You have cancelled this meeting with Dana O'Brien.",
            ],
        ),
    ],
)
def test_cancellation_says_who_and_why_but_tells_nobody_their_own_words(booking, mailoutbox, by, openings):
    booking = cancel(booking, by=by, reason="Ill.\n Sorry.", now=NOW)

    messages = sent(send_cancellation, booking, mailoutbox)

    reason, when = (
        "Reason\n> Ill.\n> Sorry.",
        "When\nTuesday 1 December 2026\n14:30 to 15:00 (Kolkata, IST)\n30 minutes",
    )
    first = when if by == Canceller.INVITEE else reason
    assert [text_of(message).split("\n\n")[1:3] for message in messages] == [
        [opening, words] for opening, words in zip(openings, [first, reason], strict=True)
    ]
    assert [(message["To"], message["Subject"]) for message in messages] == [
        ("dana@example.com", "Cancelled: Intro call, Tuesday 1 December 2026, 14:30 IST"),
        ("ada@example.com", "Cancelled: Intro call, Tuesday 1 December 2026, 09:00 GMT"),
    ]


def test_cancel_finds_the_event_that_the_request_made(booking, mailoutbox):
    requests = [event_of(message) for message in sent(send_confirmation, booking, mailoutbox)]
    booking = cancel(booking, by=Canceller.INVITEE, now=NOW)
    cancels = [event_of(message) for message in sent(send_cancellation, booking, mailoutbox)]

    assert [(event["UID"], event["SEQUENCE"]) for event in requests] == [(booking.uid, 0)] * 2
    assert [(event["UID"], event["SEQUENCE"]) for event in cancels] == [(booking.uid, 1)] * 2


def test_move_is_announced_as_a_move(booking, mailoutbox):
    booking.start, booking.end = booking.start + timedelta(hours=1), booking.end + timedelta(hours=1)
    booking.sequence += 1
    booking.save()

    message, _ = sent(send_confirmation, booking, mailoutbox)

    assert "Your meeting with Ada Lovelace has a new time." in text_of(message)
    assert (event_of(message)["SEQUENCE"], event_of(message).start.hour) == (1, 10)


def test_confirmation_is_not_sent_once_the_booking_has_moved_on(booking, mailoutbox):
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    send_confirmation(str(booking.pk), 0, "invitee")
    send_confirmation(str(booking.pk), 1, "invitee")

    assert mailoutbox == []


def test_nothing_is_sent_of_a_deleted_booking_or_one_not_cancelled(booking, mailoutbox):
    send_cancellation(str(booking.pk), 0, "invitee")
    booking.organizer.delete()
    send_confirmation(str(booking.pk), 0, "invitee")

    assert mailoutbox == []


def test_email_sent_twice_can_be_recognized_and_no_two_emails_are_alike(booking, mailoutbox):
    first = [message["Message-ID"] for message in sent(send_confirmation, booking, mailoutbox)]
    again = [message["Message-ID"] for message in sent(send_confirmation, booking, mailoutbox)]
    cancelled = cancel(booking, by=Canceller.INVITEE, now=NOW)
    others = [message["Message-ID"] for message in sent(send_cancellation, cancelled, mailoutbox)]

    assert first == again
    assert len({*first, *others}) == 4


HEADERS = ["MIME-Version", "Content-Type", "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted"]
HOSTILE = 'Eve "x"\r\nBcc: all@example.com\x0b\u2028\u202e <eve@example.com>, =?utf-8?q?=0D=0ABcc=3A_all?= ;'


@pytest.mark.parametrize(
    "name", [HOSTILE, f"{HOSTILE}{'ä' * 100}"[:100], "=?utf-8?b?DQpCY2M6IHg=?=", '"', ",;:<>()[]\\"]
)
def test_hostile_names_reach_headers_and_text_harmless(offer, mailoutbox, name):
    offer.event_type.name = name
    offer.organizer.name = name
    offer.organizer.save()
    booking = book(offer, offer.slot(START), Invitee(name, "eve@example.com", "Asia/Kolkata"), now=NOW)
    Booking.objects.update(name=name)

    for message in sent(send_confirmation, booking, mailoutbox):
        assert sorted(message.keys()) == sorted(HEADERS)
        assert [header.defects for header in message.values() if header.defects] == []
        assert [address.addr_spec for address in message["From"].addresses] == ["caledee@caledee.test"]
        assert len(message["To"].addresses) == len(message["Reply-To"].addresses) == 1
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]", message["Subject"])
        assert not re.search("^Bcc|^ ", text_of(message), re.MULTILINE)
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
            "text/calendar",
        ]


@pytest.mark.parametrize(
    "name",
    [
        "Jörg Müller-Lüdenscheidt",
        "O'Brien, Dana",
        "👩‍💻 Zoë 🎉",
        "山田　太郎",
        'Dwayne "The Rock" Johnson',
        "ü, " * 30 + "end",
    ],
)
def test_legitimate_names_arrive_as_typed(offer, mailoutbox, name):
    offer.organizer.name = name
    offer.organizer.save()
    booking = book(offer, offer.slot(START), Invitee(name, "dana@example.com", "Asia/Kolkata"), now=NOW)

    to_invitee, to_organizer = sent(send_confirmation, booking, mailoutbox)

    assert mailbox_of(to_invitee, "From") == (f"{name} via Caledee", "caledee@caledee.test")
    assert mailbox_of(to_invitee, "Reply-To") == (name, "ada@example.com")
    assert mailbox_of(to_organizer, "Reply-To") == (name, "dana@example.com")
    assert f"{name} has booked a meeting with you." in text_of(to_organizer)


def test_meeting_name_stands_in_the_subject_as_typed(offer, mailoutbox):
    booking = book(offer, offer.slot(START), INVITEE, now=NOW)
    name = "Café über Größe 🎉, Teil 2: " * 3
    Booking.objects.update(name=name)

    message, _ = sent(send_confirmation, booking, mailoutbox)

    assert message["Subject"] == f"{name.strip()}: Tuesday 1 December 2026, 14:30 IST"
