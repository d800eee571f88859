"""Times that an invitee suggests: sent, accepted, declined, or overtaken by a booking."""

from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.account_pages.deletion import close_account
from caledee.email.models import EmailRecord
from oneoff.creator.create import TimesTaken, delete_one_off
from oneoff.links import LinkClosed
from oneoff.models import CounterProposal, OneOffMeeting, SingleUseLink
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import AlreadyAnswered, TooManyProposals, Wish, decline, propose
from oneoff.tasks import send_answer, send_counter_proposal, send_end_of_proposal
from scheduling.bookings.book import BookingOver, cancel
from scheduling.bookings.offers import SlotTaken
from scheduling.models import Activity, Booking, Canceller
from scheduling.tasks import send_confirmation
from tests.factories import (
    DANA,
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    offer_of,
    on_tuesday,
)
from tests.oneoff.emails.test_notifications import run, text_of
from tests.oneoff.test_moving import move
from tests.support.tables import all_rows
from tests.support.times import NOW


def wish(*clocks, invitee=DANA, note="I fly on Monday.", nonce="") -> Wish:
    starts = [on_tuesday(clock) for clock in clocks]
    return Wish(invitee.name, invitee.email, invitee.time_zone, starts, note, nonce=nonce)


def ask(one_off, *clocks, booking=None, now=NOW, **details) -> CounterProposal:
    return propose(offer_of(one_off).link, wish(*clocks, **details), booking=booking, now=now)


def take(proposal, clock, *, by, now=NOW) -> Booking:
    time = CounterProposal.objects.get(pk=proposal.pk).times.get(start=on_tuesday(clock))
    return accept(time, by=by, now=now)


def assert_refused(error, act):
    before = all_rows()
    with pytest.raises(error):
        act()
    assert all_rows() == before


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00")


def test_suggesting_times_holds_nothing_and_changes_no_booking(one_off):
    before = ledger()

    proposal = ask(one_off, "15:00", "14:00")

    assert [time.period for time in proposal.times.all()] == [half_hour("14:00"), half_hour("15:00")]
    assert (ledger(), Booking.objects.count(), SingleUseLink.objects.get().closed_at) == (before, 0, None)


def test_the_same_form_again_is_the_same_suggestion(one_off):
    nonce = "d" * 24
    first = ask(one_off, "14:00", "15:00", nonce=nonce)
    before = all_rows()

    assert ask(one_off, "15:00", "14:00", nonce=nonce) == first

    assert all_rows() == before
    assert ask(one_off, "15:00", nonce=nonce) != first


def test_the_same_details_in_another_form_are_another_suggestion(one_off):
    """A person with the link learns nothing about the suggestions of others."""
    made = {ask(one_off, "14:00", nonce=nonce).pk for nonce in ("d" * 24, "e" * 24, "")}

    assert len(made) == 3
    assert_refused(TooManyProposals, lambda: ask(one_off, "14:00"))


def test_the_address_of_the_booking_identifies_the_invitee(one_off):
    booking = book_one_off(one_off, "09:00")

    assert ask(one_off, "14:00", booking=booking) == ask(one_off, "14:00", booking=booking)


def test_a_meeting_takes_three_open_suggestions_and_ten_in_total(one_off, ada):
    made = [ask(one_off, "14:00", note=f"Note {n}") for n in range(3)]
    assert_refused(TooManyProposals, lambda: ask(one_off, "15:00"))
    for n in range(7):
        decline(made[n], "No.", by=ada, now=NOW)
        made.append(ask(one_off, "14:00", note=f"Another {n}"))
    for proposal in CounterProposal.objects.unanswered():
        decline(proposal, "No.", by=ada, now=NOW)

    assert CounterProposal.objects.count() == 10
    assert_refused(TooManyProposals, lambda: ask(one_off, "15:00"))


def test_times_cannot_be_suggested_for_a_closed_link_or_a_past_meeting(one_off):
    link = offer_of(one_off).link
    booking = book_one_off(one_off, "09:00")
    assert_refused(LinkClosed, lambda: propose(link, wish("14:00"), now=NOW))
    assert_refused(BookingOver, lambda: ask(one_off, "14:00", booking=booking, now=booking.start))
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    assert_refused(BookingOver, lambda: ask(one_off, "14:00", booking=booking))


def test_times_cannot_be_suggested_for_a_meeting_deleted_meanwhile(one_off):
    link = offer_of(one_off).link
    OneOffMeeting.objects.all().delete()

    assert_refused(LinkClosed, lambda: propose(link, wish("14:00"), now=NOW))


def test_accepting_books_the_time_and_closes_the_link(one_off, ada):
    booking = take(ask(one_off, "14:00", "15:00"), "15:00", by=ada)

    assert ledger() == [("ada", booking.pk, "booking", half_hour("15:00"))]
    assert (booking.invitee_name, booking.invitee_email, booking.invitee_time_zone, booking.notes) == (
        "Dana Scott",
        "dana@example.com",
        "Europe/Paris",
        "I fly on Monday.",
    )
    link = SingleUseLink.objects.get()
    assert (link.closed_at, link.booking) == (NOW, booking)
    assert booking.period in [time.period for time in one_off.proposed_times.all()]
    answered = CounterProposal.objects.get()
    assert (answered.answer, answered.answered_at) == ("accepted", NOW)


def test_a_meeting_accepted_after_all_its_proposed_times_is_not_over(ada):
    one_off = make_one_off(ada, "09:00")
    over = make_one_off(ada, "10:00", name="Over")
    take(ask(one_off, "15:00"), "15:00", by=ada)

    in_order = OneOffMeeting.objects.waiting_first(on_tuesday("12:00"))

    assert list(in_order) == [one_off, over]
    assert [each.last_end for each in in_order] == [half_hour("15:00").end, half_hour("10:00").end]


def test_a_time_that_overlaps_a_hold_of_the_same_meeting_can_be_accepted(one_off, ada):
    assert take(ask(one_off, "09:15"), "09:15", by=ada).period == half_hour("09:15")


def test_accepting_takes_the_time_of_all_or_of_none(ada, grace):
    panel = make_one_off(ada, "15:00", cohosts=[grace])
    proposal = ask(panel, "16:00", "16:30")
    book_event_type(grace, "16:00")
    assert_refused(TimesTaken, lambda: take(proposal, "16:00", by=ada))

    booking = take(proposal, "16:30", by=grace)

    assert [row for row in ledger() if row[1] == booking.pk] == [
        ("ada", booking.pk, "booking", half_hour("16:30")),
        ("grace", booking.pk, "booking", half_hour("16:30")),
    ]


def test_a_time_in_the_past_cannot_be_accepted(one_off, ada):
    proposal = ask(one_off, "08:00", "14:00")
    assert_refused(SlotTaken, lambda: take(proposal, "08:00", by=ada, now=on_tuesday("08:00")))


def test_the_organizer_can_accept_after_the_link_expired(ada):
    one_off = make_one_off(ada, "09:00", valid_until=NOW + timedelta(hours=1))
    proposal = ask(one_off, "14:00")

    assert take(proposal, "14:00", by=ada, now=NOW + timedelta(hours=2)).period == half_hour("14:00")


def test_accepting_twice_returns_the_same_booking(one_off, ada, grace):
    proposal = ask(one_off, "14:00", "15:00")
    booking = take(proposal, "14:00", by=ada)
    before = all_rows()

    assert take(proposal, "14:00", by=grace) == booking

    assert all_rows() == before
    assert_refused(AlreadyAnswered, lambda: take(proposal, "15:00", by=grace))
    assert_refused(AlreadyAnswered, lambda: decline(proposal, "No.", by=grace, now=NOW))


def test_accepting_after_the_booking_moves_it(one_off, ada):
    booking = book_one_off(one_off, "09:00")

    moved = take(ask(one_off, "14:00", booking=booking), "14:00", by=ada)

    assert (moved, moved.uid, moved.sequence) == (booking, booking.uid, 1)
    assert ledger() == [("ada", booking.pk, "booking", half_hour("14:00"))]
    assert Booking.objects.count() == 1


def test_a_suggestion_for_a_cancelled_booking_cannot_be_accepted(one_off, ada):
    booking = book_one_off(one_off, "09:00")
    proposal = ask(one_off, "14:00", booking=booking)
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert_refused(BookingOver, lambda: take(proposal, "14:00", by=ada))
    assert not CounterProposal.objects.open(NOW).exists()


def test_declining_sends_a_message_and_changes_nothing_else(one_off, ada):
    proposal = ask(one_off, "14:00")
    before = ledger()

    declined = decline(proposal, "I teach then.", by=ada, now=NOW)

    assert (declined.answer, declined.answer_note, ledger()) == ("declined", "I teach then.", before)
    again = all_rows()
    decline(proposal, "Something else.", by=ada, now=NOW)
    assert all_rows() == again


def test_a_booking_answers_the_suggestions_of_others(one_off):
    own, other = ask(one_off, "14:00"), ask(one_off, "15:00", invitee=EDSGER)

    book_one_off(one_off, "09:00", DANA)

    assert list(CounterProposal.objects.values_list("answer", flat=True)) == ["otherwise", "otherwise"]
    jobs = ProcrastinateJob.objects.filter(task_name="oneoff.mail_answer")
    assert [job.args["proposal_id"] for job in jobs] == [str(other.pk)] != [str(own.pk)]


def test_history_records_who_did_what(one_off, ada, grace):
    decline(ask(one_off, "13:00", note="First"), "Lunch.", by=grace, now=NOW)
    take(ask(one_off, "14:00"), "14:00", by=ada)

    noted = Activity.objects.exclude(kind="created").values_list("kind", "by_name", "facts")
    two = {"periods": [["2026-12-01T14:00:00+00:00", "2026-12-01T14:30:00+00:00"]]}
    assert list(noted) == [
        ("proposed", "Dana Scott", {"periods": [["2026-12-01T13:00:00+00:00", "2026-12-01T13:30:00+00:00"]]}),
        ("declined", "Grace Hopper", {"message": "Lunch."}),
        ("proposed", "Dana Scott", two),
        ("booked", "Dana Scott", two),
        ("accepted", "Ada Lovelace", two),
    ]


def jobs_of(task: str) -> list[dict]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=task).order_by("pk")]


def test_organizer_and_creator_are_notified_and_can_reply_to_the_invitee(ada, grace, mailoutbox):
    one_off = make_one_off(ada, "09:00", created_by=grace)
    ask(one_off, "14:00")

    for _ in range(2):
        for args in jobs_of("oneoff.mail_counter_proposal"):
            send_counter_proposal(**args)
        EmailRecord.objects.update(sent_at=None)  # as where a worker is killed before it can mark them

    assert [email.to for email in mailoutbox] == [["ada@example.com"], ["grace@example.com"]] * 2
    ids = [email.extra_headers["Message-ID"] for email in mailoutbox]
    assert (ids[:2] == ids[2:], len(set(ids))) == (True, 2)
    message = mailoutbox[0].message()
    assert message["Reply-To"].endswith("<dana@example.com>")
    assert "Tuesday 1 December 2026, 14:00 to 14:30 (London, GMT)" in mailoutbox[0].body
    assert "> I fly on Monday." in mailoutbox[0].body
    decline(CounterProposal.objects.get(), "", by=ada, now=NOW)
    send_counter_proposal(**jobs_of("oneoff.mail_counter_proposal")[0])
    assert len(mailoutbox) == 4


def test_the_invitee_is_notified_of_the_decline_with_its_message(one_off, ada, mailoutbox):
    decline(ask(one_off, "14:00"), "I teach then.", by=ada, now=NOW)

    send_answer(**jobs_of("oneoff.mail_answer")[0])

    (email,) = mailoutbox
    assert (email.to, email.subject) == (["dana@example.com"], "Declined: Interview")
    assert "> I teach then." in email.body
    assert "Tuesday 1 December 2026, 15:00 to 15:30 (Paris, CET)" in email.body
    assert email.message()["Reply-To"].endswith("<ada@example.com>")


def test_an_invitee_whose_move_is_declined_gets_a_link_to_the_unchanged_meeting(one_off, ada, mailoutbox):
    booking = book_one_off(one_off, "09:00")
    decline(ask(one_off, "14:00", booking=booking), "", by=ada, now=NOW)

    send_answer(**jobs_of("oneoff.mail_answer")[0])

    (email,) = mailoutbox
    said = "Ada Lovelace can't make any of the times you suggested. Your meeting isn't moved."
    assert said in email.body
    assert f"See, change or cancel it:\nhttp://caledee.test/bookings/{booking.token}/\n" in email.body


def test_the_confirmation_says_that_the_time_was_accepted(one_off, ada, grace, mailoutbox):
    take(ask(one_off, "14:00"), "14:00", by=grace)

    for args in jobs_of("scheduling.mail_confirmation"):
        send_confirmation(**args)

    to_invitee, to_organizer = mailoutbox
    assert "Ada Lovelace has accepted a time that you suggested." in to_invitee.body
    assert "Grace Hopper has accepted a time that Dana Scott suggested." in to_organizer.body
    assert [part.get_content_type() for part in to_invitee.message().walk()][-1] == "text/calendar"


def test_a_later_move_is_announced_as_a_move(one_off, ada, mailoutbox):
    booking = take(ask(one_off, "14:00"), "14:00", by=ada)
    move(booking, one_off, "09:00")

    send_confirmation(**jobs_of("scheduling.mail_confirmation")[2])

    assert "has a new time" in mailoutbox[0].body


def test_invitees_who_wait_for_an_answer_are_notified_of_the_deletion(one_off, ada, mailoutbox):
    decline(ask(one_off, "17:00", invitee=replace(DANA, email="declined@example.com")), "", by=ada, now=NOW)
    ask(one_off, "14:00"), ask(one_off, "15:00", note="Or then?")
    ask(one_off, "16:00", invitee=EDSGER)
    ProcrastinateJob.objects.all().delete()

    delete_one_off(one_off, by=ada, now=NOW)
    run(send_end_of_proposal, "mail_end_of_proposal")

    assert sorted(email.to[0] for email in mailoutbox) == [DANA.email, EDSGER.email]
    email = mailoutbox[0]
    message, text = text_of(email)
    assert email.subject == "Not taking place: Interview"
    assert "Ada Lovelace no longer offers this meeting, so the times you suggested aren't needed." in text
    assert "http://caledee.test/ada/" in text
    assert one_off.link.token not in str(email.message())
    assert message["Reply-To"] == "Ada Lovelace <ada@example.com>"
    records = EmailRecord.objects.filter(kind="deleted")
    assert {(record.role, record.sent_at is not None) for record in records} == {("invitee", True)}
    assert "example.com" not in str([job.args for job in ProcrastinateJob.objects.all()]).replace("@caledee.test", "")


def test_invitees_who_wait_are_notified_of_a_closed_account_without_a_link_to_it(one_off, ada, mailoutbox):
    ask(one_off, "14:00")
    close_account(ada, now=NOW)

    run(send_end_of_proposal, "mail_end_of_proposal")

    email = mailoutbox[-1]
    message, text = text_of(email)
    assert (email.to, email.subject, message["Reply-To"]) == ([DANA.email], "Not taking place: Interview", None)
    assert ("Nothing was booked." in text, "http" in text) == (True, False)


def test_deleting_a_meeting_deletes_its_suggestions(one_off, ada):
    proposal = ask(one_off, "14:00")
    time = proposal.times.get()
    OneOffMeeting.objects.all().delete()

    with pytest.raises(LinkClosed):
        accept(time, by=ada, now=NOW)
    with pytest.raises(LinkClosed):
        decline(proposal, "", by=ada, now=NOW)
    assert CounterProposal.objects.count() == 0
