"""What each email about a booking with several hosts says."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from scheduling.tasks import send_cancellation, send_confirmation
from tests.factories import book_one_off, make_one_off
from tests.scheduling.emails.test_notifications import event_of, parse, text_of
from tests.support.times import NOW


@pytest.fixture
def booking(ada, grace, alan):
    return book_one_off(make_one_off(ada, "15:00", cohosts=[grace, alan], created_by=grace), "15:00")


def sent(name, booking, mailoutbox):
    """Return the emails that the jobs of this name for this booking send, by the recipient's first name."""
    mailoutbox.clear()
    tasks = {"mail_confirmation": send_confirmation, "mail_cancellation": send_cancellation}
    jobs = ProcrastinateJob.objects.filter(task_name=f"scheduling.{name}", args__booking_id=str(booking.pk))
    for args in jobs.order_by("id").values_list("args", flat=True):
        tasks[name](**args)
    return {message.to[0].partition("@")[0]: parse(message) for message in mailoutbox}


def test_all_are_notified_in_their_own_zones(booking, mailoutbox):
    emails = sent("mail_confirmation", booking, mailoutbox)

    assert {who: email["Subject"] for who, email in emails.items()} == {
        "dana": "Interview: Tuesday 1 December 2026, 16:00 CET",
        "ada": "Interview: Tuesday 1 December 2026, 15:00 GMT",
        "alan": "Interview: Tuesday 1 December 2026, 20:30 IST",
        "grace": "Interview: Tuesday 1 December 2026, 10:00 EST",
    }
    assert {who: text_of(email).split("\n\n")[1] for who, email in emails.items()} == {
        "dana": "Your meeting with Ada Lovelace, Alan Turing and Grace Hopper is confirmed.",
        "ada": "Dana Scott has booked a meeting with you, Alan Turing and Grace Hopper.",
        "alan": "Dana Scott has booked a meeting with you, Ada Lovelace and Grace Hopper.",
        "grace": "Dana Scott has booked a meeting with you, Ada Lovelace and Alan Turing.",
    }
    assert "Other hosts\nAda Lovelace\nAlan Turing\n" in text_of(emails["grace"])
    assert "Who\nAda Lovelace\nAlan Turing\nGrace Hopper\n" in text_of(emails["dana"])
    assert "The same time for Dana Scott\nTuesday 1 December 2026\n16:00 to 16:30 (Paris, CET)" in text_of(
        emails["alan"]
    )
    assert [who for who, email in emails.items() if booking.token in email.as_string() + str(event_of(email))] == [
        "dana"
    ]


def test_the_event_is_the_same_for_all_and_names_all_but_who_typed_their_name(booking, mailoutbox):
    """The email to the typed address contains nothing else that was typed."""
    events = {who: event_of(email) for who, email in sent("mail_confirmation", booking, mailoutbox).items()}

    ours = "Interview: Ada Lovelace, Alan Turing, Grace Hopper and Dana Scott"
    titles = dict.fromkeys(events, ours) | {"dana": "Interview: Ada Lovelace, Alan Turing and Grace Hopper"}
    assert {who: str(event["SUMMARY"]) for who, event in events.items()} == titles
    for who, event in events.items():
        assert (str(event["UID"]), event["SEQUENCE"]) == (booking.uid, 0)
        assert str(event["ORGANIZER"]) == "mailto:ada@example.com"
        assert [
            (str(each), each.params.get("CN"), each.params["ROLE"], each.params["PARTSTAT"])
            for each in event["ATTENDEE"]
        ] == [
            ("mailto:ada@example.com", "Ada Lovelace", "CHAIR", "ACCEPTED"),
            ("mailto:alan@example.com", "Alan Turing", "REQ-PARTICIPANT", "ACCEPTED"),
            ("mailto:grace@example.com", "Grace Hopper", "REQ-PARTICIPANT", "ACCEPTED"),
            ("mailto:dana@example.com", None if who == "dana" else "Dana Scott", "REQ-PARTICIPANT", "ACCEPTED"),
        ]


def test_each_email_has_a_message_id_of_its_own_that_stays(booking, mailoutbox):
    first = [email["Message-ID"] for email in sent("mail_confirmation", booking, mailoutbox).values()]
    EmailRecord.objects.update(sent_at=None)  # as where a worker is killed before it can mark them
    again = [email["Message-ID"] for email in sent("mail_confirmation", booking, mailoutbox).values()]

    assert first == again
    assert len(set(first)) == 4


@pytest.mark.parametrize(
    ("by", "who", "openings"),
    [
        (
            Canceller.INVITEE,
            None,
            {
                "dana": "You have cancelled this meeting with Ada Lovelace, Alan Turing and Grace Hopper.",
                "ada": "Dana Scott has cancelled this meeting with you, Alan Turing and Grace Hopper.",
                "alan": "Dana Scott has cancelled this meeting with you, Ada Lovelace and Grace Hopper.",
                "grace": "Dana Scott has cancelled this meeting with you, Ada Lovelace and Alan Turing.",
            },
        ),
        (
            Canceller.ORGANIZER,
            "grace",
            {
                "dana": "Ada Lovelace has cancelled this meeting with you.",
                "ada": "Grace Hopper has cancelled this meeting with Dana Scott.",
                "alan": "Grace Hopper has cancelled this meeting with Dana Scott.",
                "grace": "You have cancelled this meeting with Dana Scott.",
            },
        ),
        (
            Canceller.ORGANIZER,
            None,
            {
                "dana": "Ada Lovelace has cancelled this meeting with you.",
                "ada": "You have cancelled this meeting with Dana Scott.",
                "alan": "Ada Lovelace has cancelled this meeting with Dana Scott.",
                "grace": "Ada Lovelace has cancelled this meeting with Dana Scott.",
            },
        ),
    ],
)
def test_a_cancellation_reaches_all_and_says_who_did_it(request, booking, mailoutbox, by, who, openings):
    actor = request.getfixturevalue(who) if who else None
    cancelled = cancel(booking, by=by, actor=actor, now=NOW)

    emails = sent("mail_cancellation", cancelled, mailoutbox)

    assert {name: text_of(email).split("\n\n")[1] for name, email in emails.items()} == openings
    assert {(event_of(email)["SEQUENCE"], str(event_of(email)["STATUS"])) for email in emails.values()} == {
        (1, "CANCELLED")
    }
    assert len({email["Message-ID"] for email in emails.values()}) == 4


def test_nothing_goes_to_a_cohost_whose_account_is_gone(booking, alan, mailoutbox):
    alan.delete()

    assert sorted(sent("mail_confirmation", booking, mailoutbox)) == ["ada", "dana", "grace"]


def test_jobs_name_no_address(booking):
    words = str(list(ProcrastinateJob.objects.values()))

    assert [text for text in ("grace", "alan", "ada@", booking.token) if text in words] == []
