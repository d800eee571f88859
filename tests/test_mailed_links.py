"""Opening the links in emails again and again, as mail scanners do, changes nothing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.accounts.models import Membership, Role
from caledee.accounts.outgoing import queue_email
from caledee.accounts.teams.memberships import change_role, remove_member
from caledee.email.kinds import EMAIL_KINDS
from caledee.email.models import EmailRecord
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.emails.kinds import OneOffEmail
from oneoff.proposals.propose import Wish, decline, propose
from oneoff.tasks import queue_warnings
from scheduling.bookings.book import cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer
from scheduling.calendars.models import ClosedPages
from scheduling.calendars.tasks import notify
from scheduling.emails.kinds import BookingEmail
from scheduling.models import Canceller
from scheduling.tasks import queue_reminders
from tests.factories import book_intro, book_one_off, make_invitation, make_one_off, on_tuesday, time_of
from tests.support.browsers import browser_of
from tests.support.calendars import make_calendar, make_connection
from tests.support.tables import all_rows
from tests.support.times import NOW

SITE = "http://caledee.test"


def make_all_kinds(ada, grace, alan, mary):
    book_intro(ada, "2026-12-01 15:00")
    moved = book_intro(ada, "2026-12-01 13:00")
    offer = EventTypeOffer(ada.event_types.get(), moved=moved)
    reschedule(moved, offer, offer.slot("2026-12-02T10:00:00Z"), now=NOW)
    cancel(book_intro(ada, "2026-12-01 14:00"), by=Canceller.INVITEE, reason="Ill.", now=NOW)
    one_off = make_one_off(ada, "09:00", "11:00", created_by=grace)
    withdraw_time(time_of(one_off, "11:00"), by=grace, now=NOW)
    delete_one_off(make_one_off(ada, "10:00"), by=grace, now=NOW)
    propose(one_off.link, Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday("17:00")]), now=NOW)
    refused = Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday("18:00")])
    decline(propose(one_off.link, refused, now=NOW), "Too late.", by=ada, now=NOW)
    given_up = make_one_off(ada, "20:00")
    propose(given_up.link, refused, now=NOW)
    delete_one_off(given_up, by=ada, now=NOW)
    again = make_one_off(ada, "16:00")
    cancel(book_one_off(again, "16:00"), by=Canceller.INVITEE, now=NOW)
    reopen(again, valid_until=None, by=grace, now=NOW)
    with time_machine.travel(on_tuesday("02:00"), tick=False):
        queue_reminders(0)
        queue_warnings(0)

    tell_of_team_and_account(ada, alan, mary)
    tell_of_calendars(ada, grace, mary)


def tell_of_team_and_account(ada, alan, mary):
    organization = ada.organizations.get()
    make_invitation(organization, "dana@example.com", ada)
    change_role(organization, alan, Role.ADMIN, by=ada, now=NOW)
    Membership.objects.create(organization=organization, user=mary, role=Role.MEMBER)
    remove_member(organization, mary, by=ada, now=NOW)
    queue_email("account/email/password_changed", mary.email, {}, now=NOW, person=mary)
    hour = timedelta(hours=1)
    queue_email("account/email/password_reset_code", mary.email, {"code": "BCDF"}, now=NOW, lifetime=hour, person=mary)


def tell_of_calendars(ada, grace, mary):
    day = timedelta(days=1)
    make_calendar(ada, read_at=NOW - day, connection=make_connection(ada, needs_reconnecting_at=NOW))
    make_calendar(grace)
    make_calendar(mary, read_at=NOW - 2 * day)
    ClosedPages.objects.bulk_create(ClosedPages(person=each, told_at=NOW - day) for each in (grace, mary))
    notify(0)


def send_all():
    for job in ProcrastinateJob.objects.filter(queue_name="mail", status="todo").order_by("id"):
        record = EmailRecord.objects.get(pk=job.args["mail_id"])
        with time_machine.travel(on_tuesday("02:00") if is_late(record) else NOW, tick=False):
            app.tasks[job.task_name](**job.args)


def is_late(record):
    return record.kind in {BookingEmail.REMINDER, OneOffEmail.RUNNING_OUT}


def links_in(email):
    """Return the links in the text, the HTML and the invitation."""
    parts = [part.get_payload(decode=True) for part in email.message().walk() if not part.is_multipart()]
    calendars = [part for part in parts if part.startswith(b"BEGIN:VCALENDAR")]
    texts = [part.decode() for part in parts if part not in calendars]
    texts += [
        str(event[name])
        for part in calendars
        for event in Calendar.from_ical(part).events
        for name in ["URL", "DESCRIPTION"]
    ]
    return {link for text in texts for link in re.findall(rf"{SITE}(/[^\s\"'<>]*)", text)}


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("method", ["get", "head"])
def test_links_in_emails_opened_again_and_again_change_nothing(ada, grace, alan, mary, mailoutbox, signed_in, method):
    with time_machine.travel(NOW, tick=False):
        make_all_kinds(ada, grace, alan, mary)
    send_all()
    kinds = set(EmailRecord.objects.exclude(sent_at=None).values_list("kind", flat=True))
    links = set().union(*(links_in(email) for email in mailoutbox))
    browser = browser_of(ada) if signed_in else Client()
    before = all_rows()

    answers = {link: {getattr(browser, method)(link).status_code for _ in range(3)} for link in links}

    assert kinds == {kind for kind, _ in EMAIL_KINDS.pairs()}
    assert all_rows() == before
    secret = {link for link in links if link.startswith(("/bookings/", "/ada/o/"))}
    assert len(secret) == 4 + 1
    assert {link: answers[link] for link in secret} == {link: {200} for link in secret}
    assert answers["/ada/"] == {200}
    asking = {link: answers[link] for link in links if link.startswith(("/accounts/", "/invitations/")) or link == "/"}
    assert {status for found in asking.values() for status in found} <= {200, 302, 410}
    assert len(asking) == 4
    ours = links - secret - {"/ada/"} - asking.keys()
    assert {link: answers[link] for link in ours} == {link: {200} if signed_in else {302} for link in ours}
