"""Strangers cannot use the booking pages to fill another person's mailbox or calendar."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, RequestFactory
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from caledee.limits.counting import seconds_to_wait
from caledee.limits.mailboxes import MOST_A_DAY, MOST_AN_HOUR, mailbox_of, note_email
from caledee.limits.rates import NEWCOMERS, newcomer_on
from oneoff.models import CounterProposal
from oneoff.proposals.propose import decline
from scheduling.bookings.book import cancel
from scheduling.models import Booking, Canceller, EventType
from scheduling.pages.history import history_of
from scheduling.tasks import queue_reminders
from tests.factories import book_event_type, make_one_off, on_tuesday
from tests.scheduling.views.typed import NINE, TEN, typed
from tests.support.pages import read, typed_in
from tests.support.times import NOW

DANA = "dana@example.com"
MINUTE = timedelta(minutes=1)
LINKS = ["https://evil.example/x", "WWW.evil.example", "Win at evil.example/prize now", "ftp://evil.example"]


@pytest.fixture(autouse=True)
def rate_limits(settings, db):
    settings.RATE_LIMITS = True


class Down(BaseEmailBackend):
    """A mail server that does not answer."""

    def open(self):
        raise OSError


def post(address, data, sender="192.0.2.1"):
    return Client().post(address, data, REMOTE_ADDR=sender)


def fill(email=DANA, places=MOST_AN_HOUR):
    for _ in range(places):
        note_email(email, now=NOW)


def count_newcomers(organizer, places, sender="192.0.2.1", *, now=NOW):
    """Count as many bookings from one network as if the pages had taken them."""
    request = RequestFactory().get("/", REMOTE_ADDR=sender)
    for _ in range(places):
        assert seconds_to_wait(*newcomer_on(request, organizer.pk), now=now) == 0


def work():
    """Run every waiting job once, oldest first, like a worker."""
    for job in ProcrastinateJob.objects.filter(queue_name="mail", status="todo").order_by("id"):
        app.tasks[job.task_name](**job.args)


def sent_to(mailbox, mailoutbox):
    return [message for message in mailoutbox if mailbox_of(message.to[0]) == mailbox]


def tuesday(half_hours):
    return f"{on_tuesday('09:00') + half_hours * timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"


def test_booking_and_cancelling_again_and_again_sends_twelve_emails_an_hour_and_thirty_a_day(
    ada, grace, clock, mailoutbox
):
    """Different networks, pages, tags and capitals all count for one mailbox."""
    sent = {}
    for minutes in (0, 20, 40, 60, 80, 100, 120, 180, 240, 480, 960, 1380, 1420):
        clock.move_to(NOW + minutes * MINUTE)
        while book_and_cancel(number := len(mailoutbox)):
            assert len(mailoutbox) > number
        sent[minutes] = len(sent_to(DANA, mailoutbox))

    assert sent[0] == sent[40] == MOST_AN_HOUR
    assert sent[60] == sent[100] == 2 * MOST_AN_HOUR
    assert sent[120] == sent[1420] == MOST_A_DAY


def book_and_cancel(number):
    """Book and cancel, and return whether the booking succeeded."""
    email = ["dana@example.com", f"Dana+{number}@example.com", "DANA@EXAMPLE.COM"][number % 3]
    page, slot = [("/ada/intro/", TEN), ("/grace/intro/", "2026-12-01T15:00:00Z")][number % 2]
    answer = post(page, typed(slot, email=email), f"198.51.100.{number}")
    if answer.status_code == 429:
        return False
    work()
    assert post(f"{answer['Location']}cancel/", {"reason": "Read this"}).status_code == 302
    work()
    return True


def test_booking_for_a_full_mailbox_shows_when_there_is_room_and_keeps_what_was_typed(ada, clock):
    fill()
    clock.move_to(NOW + 15 * MINUTE)

    refused = post("/ada/intro/", typed(TEN, email="Dana+1@example.com"))

    assert (refused.status_code, refused["Retry-After"]) == (429, "2700")
    page = read(refused)
    assert typed_in(page) | {"nonce": ""} == typed(TEN, email="Dana+1@example.com") | {"nonce": ""}
    assert "Your details are still here; confirm again in 45 minutes." in page.text
    assert (Booking.objects.count(), EmailRecord.objects.count()) == (0, 0)
    assert post("/ada/intro/", typed(TEN, email="danae@example.com")).status_code == 302
    clock.move_to(NOW + 60 * MINUTE)
    assert post("/ada/intro/", typed(NINE)).status_code == 302


def test_the_wait_of_a_day_is_said_in_hours(ada, clock):
    for n in range(MOST_A_DAY):
        note_email(DANA, now=NOW + n * MINUTE)
    clock.move_to(NOW + 90 * MINUTE)

    refused = post("/ada/intro/", typed(TEN))

    assert refused["Retry-After"] == str(22 * 3600 + 1800)
    assert "confirm again in 23 hours." in read(refused).text


def test_a_meeting_can_be_cancelled_however_full_the_mailbox_is_and_its_history_says_what_was_not_sent(
    ada, mailoutbox
):
    post("/ada/intro/", typed(TEN))
    booking = Booking.objects.get()
    work()
    fill(places=MOST_AN_HOUR - 1)

    cancelled = post(f"{booking.get_absolute_url()}cancel/", {"reason": "Ill."})
    work()

    booking.refresh_from_db()
    assert (cancelled.status_code, booking.cancelled_by) == (302, "invitee")
    assert [message.subject.split(":")[0] for message in mailoutbox] == ["Intro call", "Intro call", "Cancelled"]
    assert mailoutbox[-1].to == ["ada@example.com"]
    record = EmailRecord.objects.get(kind="cancelled", role="invitee")
    assert (record.dropped_at, record.over_limit, record.sent_at) == (NOW, True, None)
    lines = [(line.what, line.details) for line in history_of([booking.pk], reader=ada)]
    assert ("Cancellation to dana@example.com not sent", "too many emails were sent to this address recently") in lines


def test_invitee_who_cannot_be_notified_of_a_new_time_cannot_move_the_meeting_yet(ada):
    booking = book_event_type(ada, "10:00")
    fill(booking.invitee_email)

    refused = post(f"{booking.get_absolute_url()}reschedule/", {"slot": NINE})

    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    page = read(refused)
    assert "Nothing is changed yet; try again in 60 minutes." in page.text
    assert page.one("button", name="slot")["value"] == NINE
    assert Booking.objects.get().start == booking.start


def test_the_organizers_cancellation_always_notifies_the_invitee_and_counts(ada, mailoutbox):
    booking = book_event_type(ada, "10:00")
    work()
    fill(booking.invitee_email, MOST_AN_HOUR - 2)

    cancel(booking, by=Canceller.ORGANIZER, now=NOW)
    work()
    work()

    assert len(sent_to(booking.invitee_email, mailoutbox)) == 2
    assert post("/ada/intro/", typed(NINE, email=booking.invitee_email)).status_code == 429


def test_an_email_that_is_attempted_again_takes_one_place(ada, settings, mailoutbox):
    booking = book_event_type(ada, "10:00")
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    job = ProcrastinateJob.objects.get(task_name="scheduling.mail_cancellation", args__recipient="invitee")
    mailers = settings.MAILERS
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Down"}}
    for _ in range(MOST_AN_HOUR):
        with pytest.raises(Exception, match="OSError"):
            app.tasks[job.task_name](**job.args)
    settings.MAILERS = mailers

    app.tasks[job.task_name](**job.args)

    assert len(sent_to(booking.invitee_email, mailoutbox)) == 1
    fill(booking.invitee_email, MOST_AN_HOUR - 3)
    answers = [post("/ada/intro/", typed(slot, email=booking.invitee_email)) for slot in (NINE, TEN)]
    assert [answer.status_code for answer in answers] == [302, 429]


def test_reminders_of_a_full_mailbox_are_left_out(ada, clock, mailoutbox):
    ada.invitee_reminders, ada.own_reminders = [60], [60]
    ada.save()
    for half_hours in (0, 1):
        post("/ada/intro/", typed(tuesday(half_hours)))
    clock.move_to(on_tuesday("08:00"))
    for _ in range(MOST_AN_HOUR - 1):
        note_email(DANA, now=on_tuesday("08:00"))
    for moment in ("08:00", "08:30"):
        clock.move_to(on_tuesday(moment))
        queue_reminders(0)
        work()

    reminders = [message.to[0] for message in mailoutbox if message.subject.startswith("Reminder")]
    assert sorted(reminders) == ["ada@example.com", "ada@example.com", DANA]
    assert list(EmailRecord.objects.filter(kind="reminder", over_limit=True).values_list("address", flat=True)) == [
        DANA
    ]


def test_suggested_times_count_and_are_refused_with_what_was_typed(ada, mailoutbox):
    one_off = make_one_off(ada, "10:00")
    address = f"{one_off.link.get_absolute_url()}propose/"
    form = {"times": "2026-12-01T15:00", "name": "Dana", "email": "DANA+x@example.com", "note": "Please"}
    fill(places=MOST_AN_HOUR - 1)

    assert post(address, form).status_code == 302
    refused = post(address, form | {"note": "Once more"})

    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert typed_in(read(refused))["note"] == "Once more"
    assert post("/ada/intro/", typed(NINE)).status_code == 429
    proposal = CounterProposal.objects.get()
    decline(proposal, "Not then.", by=ada, now=NOW)
    work()
    assert [message.subject for message in sent_to(DANA, mailoutbox)] == ["Declined: Interview"]


def test_nothing_that_was_typed_goes_to_the_address_that_was_typed(ada, mailoutbox):
    EventType.objects.update(location_kind="ask_invitee", location="")
    words = {"name": "Pillmaker", "notes": "Cheap pills", "location": "https://pills.example/"}
    answer = post("/ada/intro/", typed(TEN, **words))
    work()
    ada.invitee_reminders = ada.own_reminders = [60]
    ada.save()
    post(f"{answer['Location']}reschedule/", {"slot": NINE})
    work()
    post(f"{answer['Location']}cancel/", {"reason": "More pills"})
    work()

    said = {}
    for message in mailoutbox:
        body = message.message().as_string() + "".join(
            part.get_payload(decode=True).decode() for part in message.message().walk() if not part.is_multipart()
        )
        said.setdefault(message.to[0], []).append(
            sorted(set(re.findall("(?i)pillmaker|cheap pills|pills.example|more pills", body)))
        )
    assert said == {
        DANA: [[], [], []],
        "ada@example.com": [
            ["Cheap pills", "Pillmaker", "pills.example"],
            ["Cheap pills", "Pillmaker", "pills.example"],
            ["More pills", "Pillmaker", "pills.example"],
        ],
    }
    assert "Where\nThe place you entered when booking\n" in sent_to(DANA, mailoutbox)[0].body


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_no_name(ada, name):
    refused = post("/ada/intro/", typed(TEN, name=name))

    assert refused.status_code == 422
    page = read(refused)
    assert page.by_id("id_name_error").text == "Enter a name without a link."
    assert typed_in(page)["name"] == name


@pytest.mark.parametrize(
    "name", ["Dr.Who", "J.R.R. Tolkien", "Dana/Dan", "O'Brien-Łukasz (she/her)", "Amazon.com", "山田"]
)
def test_names_with_dots_and_strokes_are_names(ada, name):
    assert post("/ada/intro/", typed(TEN, name=name)).status_code == 302


def test_one_network_books_few_meetings_for_people_whom_the_organizer_never_met(ada, grace, clock):
    short = EventType.objects.get(organizer=ada)
    short.pk, short.slug, short._state.adding = uuid4(), "short", True
    short.save()
    slots = [tuesday(n) for n in range(16)] + [tuesday(48 + n) for n in range(8)]
    answers = [
        post(["/ada/intro/", "/ada/short/"][n % 2], typed(slot, email=f"new{n}@example.com")).status_code
        for n, slot in enumerate(slots)
    ]
    clock.move_to(NOW + 10 * MINUTE)
    refused = post("/ada/intro/", typed(slots[-1], email="another@example.com"))

    assert answers == [302] * NEWCOMERS.most + [429] * (len(slots) - NEWCOMERS.most)
    assert (refused.status_code, refused["Retry-After"]) == (429, "1200")
    assert typed_in(read(refused))["email"] == "another@example.com"
    assert "confirm again in 20 minutes." in read(refused).text
    assert Booking.objects.count() == NEWCOMERS.most
    assert post("/ada/intro/", typed(slots[-1], email="another@example.com"), "198.51.100.7").status_code == 302
    assert post("/grace/intro/", typed("2026-12-01T15:00:00Z", email="another@example.com")).status_code == 302


def test_a_whole_site_of_ipv6_networks_counts_as_one(ada):
    for n in range(NEWCOMERS.most - 2):
        count_newcomers(ada, 1, f"2001:db8:7:{n}::1")

    answers = [
        post("/ada/intro/", typed(tuesday(n), email=f"new{n}@example.com"), f"2001:db8:7:{100 + n}::1")
        for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert post("/ada/intro/", typed(tuesday(3), email="new@example.com"), "2001:db8:8::1").status_code == 302


def test_what_is_not_booked_uses_nothing_up(ada):
    fill()
    EventType.objects.update(invitee_limit=1)
    count_newcomers(ada, NEWCOMERS.most - 2)
    assert post("/ada/intro/", typed(tuesday(0), email="first@example.com")).status_code == 302
    full = [post("/ada/intro/", typed(TEN)).status_code for _ in range(2)]
    taken = [post("/ada/intro/", typed(NINE, email=f"new{n}@example.com")).status_code for n in range(2)]
    enough = [post("/ada/intro/", typed(TEN, email="first@example.com")).status_code for _ in range(2)]

    answers = [post("/ada/intro/", typed(slot, email=f"{slot[11:13]}@example.com")) for slot in (TEN, tuesday(4))]

    assert (set(full), set(taken), set(enough)) == ({429}, {409}, {422})
    assert [answer.status_code for answer in answers] == [302, 429]


def test_an_office_of_people_whom_the_organizer_has_met_is_not_held_up(ada):
    for n in range(3):
        half_hour = on_tuesday("09:00") - timedelta(days=100) + n * timedelta(minutes=30)
        Booking.objects.create(
            organizer=ada, name="Before", start=half_hour, end=half_hour + timedelta(minutes=30),
            location_kind="video", invitee_name="Regular", invitee_email=f"Person{n}+tag@example.com",
            invitee_time_zone="Europe/Paris", created_at=half_hour, uid=str(n),
        )  # fmt: skip
    count_newcomers(ada, NEWCOMERS.most - 1)
    guests = ["person0", "person1", "new0", "new1", "person2"]

    answers = [post("/ada/intro/", typed(tuesday(n), email=f"{who}@example.com")) for n, who in enumerate(guests)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 302]


def test_a_booking_that_was_just_made_or_missed_or_cancelled_makes_nobody_known(ada, clock):
    for clock_time, email in [
        ("09:00", "ahead@example.com"),
        ("09:30", "missed@example.com"),
        ("10:00", "gone@example.com"),
    ]:
        post("/ada/intro/", typed(f"2026-12-01T{clock_time}:00Z", email=email))
    Booking.objects.filter(invitee_email="ahead@example.com").update(
        start=on_tuesday("09:00") + timedelta(days=20), end=on_tuesday("09:30") + timedelta(days=20)
    )
    cancel(Booking.objects.get(invitee_email="gone@example.com"), by=Canceller.INVITEE, now=NOW)
    clock.move_to(on_tuesday("12:00"))
    Booking.objects.filter(invitee_email="missed@example.com").update(no_show_at=on_tuesday("11:00"))
    count_newcomers(ada, NEWCOMERS.most, now=on_tuesday("12:00"))

    waits = [
        post("/ada/intro/", typed(tuesday(200), email=f"{who}@example.com")).status_code
        for who in ("ahead", "missed", "gone")
    ]

    assert waits == [429, 429, 429]


def test_repeated_cancelling_stops_making_room(ada):
    EventType.objects.update(invitee_limit=1)
    answers = []
    for _ in range(5):
        answer = post("/ada/intro/", typed(TEN))
        answers.append(answer.status_code)
        if answer.status_code == 302:
            post(f"{answer['Location']}cancel/", {"reason": ""})

    assert answers == [302, 302, 302, 422, 422]
    page = read(answer)
    assert page.by_id("id_email_error").text.startswith("Several meetings were booked and cancelled with this address")
    assert typed_in(page)["notes"] == "About lattices."


def test_what_the_organizer_cancelled_counts_against_nobody(ada):
    EventType.objects.update(invitee_limit=1)
    for _ in range(4):
        answer = post("/ada/intro/", typed(TEN))
        assert answer.status_code == 302
        cancel(Booking.objects.get(cancelled_at=None), by=Canceller.ORGANIZER, now=NOW)
