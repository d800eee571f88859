"""What happens to a one-off meeting is recorded once, and heard in the transaction."""

import pytest

from caledee.account_pages.deletion import close_account
from caledee.limits.mailboxes import MailboxFull
from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.events import (
    Created,
    Deleted,
    Opened,
    Reopened,
    SuggestionDeclined,
    SuggestionSettled,
    TimesSuggested,
    TimeWithdrawn,
)
from oneoff.links import note_opening
from oneoff.models import OneOffMeeting
from oneoff.proposals.propose import decline
from scheduling.bookings.book import cancel
from scheduling.bookings.events import Accepted, Booked, Cancelled, Moved
from scheduling.models import Activity, Canceller
from tests.factories import DANA, EDSGER, book_one_off, half_hour, make_one_off, offer_of, time_of
from tests.listening import hearing, refusing
from tests.oneoff.proposals.test_proposals import ask, take
from tests.support.tables import all_rows
from tests.support.times import NOW


def events(heard):
    return [event for event, _ in heard]


def lines():
    """The history, as what a listener was given says it."""
    return list(Activity.objects.order_by("pk").values_list("pk", flat=True))


def test_listener_gets_the_events_of_a_link(ada, grace):
    with hearing() as heard:
        one_off = make_one_off(ada, "09:00", "10:00", created_by=grace)
        withdraw_time(time_of(one_off, "10:00"), by=grace, now=NOW)
        note_opening(one_off.link, now=NOW)
        note_opening(one_off.link, now=NOW)
        booking = book_one_off(one_off, "09:00")
        cancelled = cancel(booking, by=Canceller.INVITEE, now=NOW)
        reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=NOW)
        delete_one_off(one_off, by=ada, now=NOW)

    assert events(heard) == [
        Created(one_off, by=grace, people=[ada], number_of_times=2),
        TimeWithdrawn(one_off, by=grace, period=half_hour("10:00")),
        Opened(one_off),
        Booked(booking),
        Cancelled(cancelled),
        Reopened(one_off, by=ada, number_of_times=1),
        Deleted(one_off, by=ada, people=[ada], waiting=[]),
    ]
    assert [entry.line_id for _, entry in heard] == lines()


def test_listener_gets_suggested_times_and_their_answers(ada):
    one_off = make_one_off(ada, "09:00")

    with hearing() as heard:
        first, second = ask(one_off, "14:00"), ask(one_off, "15:00", invitee=EDSGER)
        declined = decline(first, "Too late.", by=ada, now=NOW)
        booking = take(second, "15:00", by=ada)

    assert events(heard) == [
        TimesSuggested(first),
        TimesSuggested(second),
        SuggestionDeclined(declined, by=ada),
        Booked(booking, ada),
        Accepted(booking, ada),
    ]


def test_listener_gets_suggestions_that_a_booking_settles_and_the_history_does_not(ada):
    one_off = make_one_off(ada, "09:00")
    waiting = ask(one_off, "14:00", invitee=EDSGER)

    with hearing() as heard:
        booking = book_one_off(one_off, "09:00")

    assert events(heard) == [SuggestionSettled(waiting, booked_by=DANA.email), Booked(booking)]
    assert [entry.line_id for _, entry in heard] == [None, lines()[-1]]


def test_accepted_time_of_a_booking_is_a_move(ada):
    booking = book_one_off(one_off := make_one_off(ada, "09:00"), "09:00")
    suggested = ask(one_off, "14:00", booking=booking)

    with hearing() as heard:
        moved = take(suggested, "14:00", by=ada)

    assert events(heard) == [Moved(moved, ada, before=half_hour("09:00")), Accepted(moved, ada)]


def test_closing_an_account_is_heard_as_what_it_does_to_its_meetings(ada):
    booking = book_one_off(make_one_off(ada, "09:00"), "09:00")
    open_one = make_one_off(ada, "11:00")
    waiting = ask(open_one, "15:00")

    with hearing() as heard:
        close_account(ada, now=NOW)

    assert events(heard) == [Cancelled(booking, ada), Deleted(open_one, by=ada, people=[ada], waiting=[waiting])]


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        (Created, lambda one_off: make_one_off(one_off.organizer, "16:00")),
        (TimeWithdrawn, lambda one_off: withdraw_time(time_of(one_off, "10:00"), by=one_off.organizer, now=NOW)),
        (Deleted, lambda one_off: delete_one_off(one_off, by=one_off.organizer, now=NOW)),
        (Opened, lambda one_off: note_opening(offer_of(one_off).link, now=NOW)),
        (TimesSuggested, lambda one_off: ask(one_off, "17:00")),
        (SuggestionSettled, lambda one_off: book_one_off(one_off, "09:00")),
    ],
)
def test_listener_that_raises_undoes_the_change_its_history_and_its_emails(ada, grace, kind, act):
    one_off = make_one_off(ada, "09:00", "10:00", created_by=grace)
    ask(one_off, "14:00", invitee=EDSGER)
    before = all_rows()

    with refusing(kind, MailboxFull(60)), pytest.raises(MailboxFull):
        act(one_off)

    assert all_rows() == before
