"""The whole life of a meeting: over HTTP, a real worker and a real mail server, into calendars.

The worker is killed with -9 in the middle of each step. Nothing may be lost, and no one may be notified twice. An
email that was accepted before its worker knew may come again, but under the same Message-ID.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from caledee.timekeeping.zones import moment_at
from oneoff.models import OneOffMeeting
from scheduling.models import Booking
from tests.life.calendars import ModelCalendar, read_invite
from tests.life.libical import is_here
from tests.life.post import DATA, QUIT, RECIPIENT, TAKEN, MailServer, Worker, name_of, notice_the_dead
from tests.support.browsers import browser_of
from tests.support.demo_process import wait_until
from tests.support.times import LONDON

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not is_here(), reason="no libical on this machine: `apt-get install libical3` gets it"),
]

SIDES = ["ada@example.com", "dana@example.com"]


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


class Dana:
    """Books through Ada's links, moves and cancels."""

    def __init__(self) -> None:
        self.browser = Client()

    def book(self, address: str, slot: str) -> Booking:
        typed = {"slot": slot, "name": "Dana Scott", "email": "dana@example.com", "time_zone": "Asia/Kolkata"}
        assert self.browser.post(address, typed).status_code == 302
        return Booking.objects.latest("created_at")

    def move(self, booking: Booking, slot: str) -> None:
        address = f"/bookings/{booking.token}/reschedule/"
        assert self.browser.post(address, {"slot": slot}).status_code == 302

    def cancel(self, booking: Booking) -> None:
        assert self.browser.post(f"/bookings/{booking.token}/cancel/", {"reason": "Ill."}).status_code == 302


def some_monday() -> datetime:
    """Return midnight in London, at least 10 days from now: too far ahead for the usual reminders."""
    day = datetime.now(UTC).date() + timedelta(days=10)
    return datetime.combine(day + timedelta(days=-day.weekday() % 7), datetime.min.time())


def clock(hour: int) -> datetime:
    return moment_at(some_monday() + timedelta(hours=hour), LONDON)


class Ada:
    """Offers ten and eleven o'clock, and offers them again."""

    def __init__(self, person) -> None:
        self.browser = browser_of(person)

    def create(self) -> OneOffMeeting:
        times = [f"{some_monday() + timedelta(hours=hour):%Y-%m-%dT%H:%M}" for hour in (10, 11)]
        typed = {"name": "Interview", "duration": "30", "location_kind": "video", "times": times, "hold_times": "on"}
        assert self.browser.post("/one-offs/new/", typed | {"create": "1"}).status_code == 302
        return OneOffMeeting.objects.get()

    def reopen(self, one_off: OneOffMeeting) -> OneOffMeeting:
        assert self.browser.post(f"/one-offs/{one_off.pk}/reopen/").status_code == 302
        return OneOffMeeting.objects.get()


def slots_of(one_off: OneOffMeeting) -> list[str]:
    """Return what a form sends for ten and for eleven."""
    return [str(time.pk) for time in one_off.proposed_times.all()]


def wait_until_sent(number: int) -> None:
    sent = EmailRecord.objects.exclude(sent_at=None)
    wait_until(lambda: sent.count() == number, 60, what=f"{number} emails sent")


def test_calendars_end_with_one_event_wherever_the_worker_is_killed(ada, server):
    organizer, dana = Ada(ada), Dana()
    one_off = organizer.create()
    first_link = one_off.link.get_absolute_url()
    ten, eleven = slots_of(one_off)
    booking = dana.book(first_link, ten)
    steps = [
        (RECIPIENT, lambda: None),
        (DATA, lambda: dana.move(booking, eleven)),
        (TAKEN, lambda: dana.move(booking, ten)),
        (QUIT, lambda: dana.cancel(booking)),
    ]
    worker = Worker(server)
    try:
        for number, (moment, act) in enumerate(steps, start=1):
            server.deadly = moment
            act()
            worker.wait_until_dead()
            worker = Worker(server)
            notice_the_dead()
            wait_until_sent(2 * number)
        one_off = organizer.reopen(one_off)
        assert dana.browser.get(first_link).status_code == 410
        dana.book(one_off.link.get_absolute_url(), slots_of(one_off)[1])
        wait_until_sent(10)
        email_jobs = ProcrastinateJob.objects.filter(queue_name="mail")
        wait_until(lambda: not email_jobs.exclude(status="succeeded").exists(), what="all jobs done")
    finally:
        worker.kill()

    copies = Counter(name_of(message) for message in server.emails)
    assert sorted(copies.values()) == [1] * 9 + [2]
    assert set(copies) == set(EmailRecord.objects.values_list("message_id", flat=True))
    firsts = {name_of(message): message for message in reversed(server.emails)}
    for message in server.emails:
        assert read_invite(message) == read_invite(firsts[name_of(message)])
    for side in SIDES:
        invites = [read_invite(message) for message in server.emails if message["To"] == side]
        assert calendar_after(invites) == [
            (f"{clock(11):%Y%m%dT%H%M%SZ}", f"{clock(11) + timedelta(minutes=30):%Y%m%dT%H%M%SZ}", "CONFIRMED")
        ]
        for seed in range(20):  # email may overtake email
            assert calendar_after(random.Random(seed).sample(invites, len(invites))) == calendar_after(invites)
        sequences = sorted({(each.uid == booking.uid, each.sequence, each.method) for each in invites})
        assert sequences == [
            (False, 0, "REQUEST"),
            (True, 0, "REQUEST"),
            (True, 1, "REQUEST"),
            (True, 2, "REQUEST"),
            (True, 3, "CANCEL"),
        ]


def calendar_after(invites):
    calendar = ModelCalendar()
    for invite in invites:
        calendar.take(invite)
    return calendar.events
