"""Reopening a cancelled or expired meeting gives it a new link, with its free times held again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord
from oneoff.board.reopening import NothingFree, reopen
from oneoff.creator.create import delete_one_off
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting, SingleUseLink
from oneoff.tasks import send_reopening
from scheduling.bookings.book import book, cancel
from scheduling.models import Activity, Canceller
from scheduling.rules import Reason, Refusal, Refused
from tests.factories import (
    DANA,
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    offer_of,
    offered,
    on_tuesday,
    time_of,
)
from tests.support.tables import all_rows
from tests.support.times import NOW

LATER = NOW + timedelta(hours=1)


def reopen_it(one_off, *, valid_until=None, by=None, now=LATER):
    fresh = OneOffMeeting.objects.get(pk=one_off.pk)
    return reopen(fresh, valid_until=valid_until, by=by or fresh.organizer, now=now)


@pytest.fixture
def cancelled(ada):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00")
    cancel(book_one_off(one_off, "10:00"), by=Canceller.INVITEE, now=NOW)
    return one_off


def test_a_cancelled_meeting_gets_a_new_link_with_all_its_times_held(ada, cancelled):
    old = SingleUseLink.objects.get()

    link = reopen_it(cancelled)

    assert link.token != old.token
    assert OneOffMeeting.objects.get().link == link
    assert offered(cancelled, now=LATER) == [half_hour("09:00"), half_hour("10:00"), half_hour("11:00")]
    assert ledger() == [("ada", cancelled.pk, "hold", half_hour(clock)) for clock in ("09:00", "10:00", "11:00")]
    old.refresh_from_db()
    assert (old.closed_at, link.closed_at) == (NOW, None)


def test_the_old_link_can_never_be_booked_again(cancelled):
    old = offer_of(cancelled)
    slot = old.slot(str(time_of(cancelled, "09:00").pk))
    reopen_it(cancelled)
    before = all_rows()

    with pytest.raises(LinkClosed):
        book(old, slot, EDSGER, now=LATER)

    assert all_rows() == before


def test_reopened_meeting_is_booked_through_its_new_link(cancelled):
    reopen_it(cancelled)

    booking = book_one_off(cancelled, "10:00", EDSGER, now=LATER)

    assert [link.booking and link.booking.invitee_name for link in SingleUseLink.objects.order_by("pk")] == [
        "Dana Scott",
        "Edsger Dijkstra",
    ]
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_times_taken_in_the_meantime_are_not_offered_again(ada, grace, cancelled):
    other = book_event_type(ada, "11:00")

    reopen_it(cancelled)

    assert [time.period for time in cancelled.proposed_times.all()] == [half_hour("09:00"), half_hour("10:00")]
    assert [row[1:] for row in ledger()] == [
        (cancelled.pk, "hold", half_hour("09:00")),
        (cancelled.pk, "hold", half_hour("10:00")),
        (other.pk, "booking", half_hour("11:00")),
    ]


def test_a_cohosts_time_counts_too(ada, grace):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace])
    cancel(book_one_off(panel, "15:00"), by=Canceller.INVITEE, now=NOW)
    book_event_type(grace, "15:00")

    reopen_it(panel)

    assert offered(panel, now=LATER) == [half_hour("16:00")]


def test_an_unheld_meeting_stays_unheld(ada):
    one_off = make_one_off(ada, "09:00", hold_times=False)
    cancel(book_one_off(one_off, "09:00"), by=Canceller.INVITEE, now=NOW)

    reopen_it(one_off)

    assert (ledger(), offered(one_off, now=LATER)) == ([], [half_hour("09:00")])


def test_an_expired_meeting_can_be_reopened_with_another_expiry(ada):
    one_off = make_one_off(ada, "09:00", "10:00", valid_until=NOW + timedelta(minutes=30))
    old = SingleUseLink.objects.get()

    reopen_it(one_off, valid_until=on_tuesday("09:30"))

    old.refresh_from_db()
    assert (old.closed_at, old.booking) == (LATER, None)
    assert OneOffMeeting.objects.get().valid_until == on_tuesday("09:30")
    assert offered(one_off, now=LATER) == [half_hour("09:00"), half_hour("10:00")]
    assert len(ledger()) == 2


def test_a_meeting_without_free_times_cannot_be_reopened(ada, cancelled):
    before = all_rows()
    with pytest.raises(NothingFree):
        reopen_it(cancelled, now=on_tuesday("11:00"))
    assert all_rows() == before


def test_reopening_an_open_meeting_changes_nothing(ada, cancelled):
    link = reopen_it(cancelled)
    before = all_rows()

    assert reopen_it(cancelled) == link

    assert all_rows() == before


def test_a_booked_past_or_deleted_meeting_cannot_be_reopened(ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = book_one_off(one_off, "09:00")
    for now in (LATER, booking.end):
        with pytest.raises(LinkClosed):
            reopen_it(one_off, now=now)
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    kept = OneOffMeeting.objects.get()
    delete_one_off(one_off, by=ada, now=NOW)

    with pytest.raises(LinkClosed):
        reopen(kept, valid_until=None, by=ada, now=NOW)

    assert SingleUseLink.objects.count() == 0


def test_reopening_is_recorded_and_everyone_else_is_notified(ada, grace, alan, mailoutbox):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace, alan])
    cancel(book_one_off(panel, "15:00"), by=Canceller.INVITEE, now=NOW)

    reopen_it(panel, by=grace)

    noted = Activity.objects.get(kind="reopened")
    assert (noted.subject, noted.by, noted.facts) == (panel.pk, grace, {"times": 2})
    jobs = ProcrastinateJob.objects.filter(task_name="oneoff.mail_reopening").order_by("pk")
    assert [job.args["person_id"] for job in jobs] == [str(ada.pk), str(alan.pk)]
    for job in jobs:
        send_reopening(**job.args)
    EmailRecord.objects.update(sent_at=None)  # as where a worker is killed before it can mark them
    send_reopening(**jobs[0].args)
    assert [(email.to, email.subject) for email in mailoutbox] == [
        (["ada@example.com"], "Reopened: Interview"),
        (["alan@example.com"], "Reopened: Interview"),
        (["ada@example.com"], "Reopened: Interview"),
    ]
    ids = [email.extra_headers["Message-ID"] for email in mailoutbox]
    assert (ids[0] == ids[2], ids[0] == ids[1]) == (True, False)
    assert "Grace Hopper reopened this one-off meeting with you as its organizer" in mailoutbox[0].body
    book_one_off(panel, "16:00", DANA, now=LATER)
    EmailRecord.objects.update(sent_at=None)
    send_reopening(**jobs[0].args)
    assert len(mailoutbox) == 3


@pytest.mark.parametrize(
    ("valid_until", "reason", "sentence"),
    [
        (LATER, Reason.PAST, "Choose a time in the future."),
        (datetime(2101, 1, 1, tzinfo=UTC), Reason.TOO_FAR, "Choose a time before 2101."),
    ],
)
def test_a_validity_that_breaks_a_rule_is_named_and_changes_nothing(cancelled, valid_until, reason, sentence):
    before = all_rows()

    with pytest.raises(Refused) as caught:
        reopen_it(cancelled, valid_until=valid_until)

    assert caught.value.refusals == [Refusal("valid_until", reason, sentence, valid_until)]
    assert all_rows() == before


def test_the_form_says_the_same_of_a_validity_in_the_past(client, ada, cancelled):
    client.force_login(ada)
    before = all_rows()

    with time_machine.travel(LATER, tick=False):
        response = client.post(f"/one-offs/{cancelled.pk}/reopen/", {"valid_until": "2026-11-23T09:00"})

    form = response.context["form"]
    assert (response.status_code, form.errors) == (422, {"valid_until": ["Choose a time in the future."]})
    assert form["valid_until"].value() == "2026-11-23T09:00"
    assert all_rows() == before
