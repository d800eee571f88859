"""Races after the link was sent: moving, suggesting times, reopening, and everything concurrent."""

from functools import partial

import pytest

from oneoff.board.reopening import reopen
from oneoff.creator.create import TimesTaken, delete_one_off, withdraw_time
from oneoff.links import LinkClosed, find_link_of
from oneoff.models import CounterProposal, CounterTime, OneOffMeeting, ProposedTime, SingleUseLink
from oneoff.offer import MoveOffer
from oneoff.proposals.accept import accept
from oneoff.proposals.propose import AlreadyAnswered, Wish, propose
from scheduling.bookings.book import BookingOver, cancel, reschedule
from scheduling.bookings.offers import OfferClosed, SlotTaken
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import (
    DANA,
    book_one_off,
    half_hour,
    make_one_off,
    offer_of,
    on_tuesday,
    time_of,
)
from tests.races.audit import assert_books_balance
from tests.races.racing import Attempt, race
from tests.races.test_one_link import ROUNDS, WRITERS, booker, event_type_booker, make_invitee
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def proper(act: Attempt) -> Attempt:
    """That a meeting is over, or a proposal answered, is a proper answer too: as one that nothing is left of."""

    def attempt() -> object:
        try:
            return act()
        except (BookingOver, AlreadyAnswered) as error:
            raise OfferClosed from error

    return attempt


def mover(booking, one_off, clock) -> Attempt:
    offer = MoveOffer(find_link_of(booking.token), moved=booking)
    return proper(partial(reschedule, booking, offer, offer.slot(str(time_of(one_off, clock).pk)), now=NOW))


def accepter(one_off, clock, by) -> Attempt:
    time = CounterTime.objects.select_related("proposal__one_off__organizer").get(start=on_tuesday(clock))
    return proper(partial(accept, time, by=by, now=NOW))


def reopener(one_off, by) -> Attempt:
    return partial(reopen, OneOffMeeting.objects.get(pk=one_off.pk), valid_until=None, by=by, now=NOW)


def ask(one_off, *clocks, booking=None) -> CounterProposal:
    wish = Wish(DANA.name, DANA.email, DANA.time_zone, [on_tuesday(clock) for clock in clocks])
    return propose(offer_of(one_off).link, wish, booking=booking, now=NOW)


def taken() -> list:
    return [row.period for row in BusyTime.objects.order_by("start")]


@pytest.fixture
def cancelled(ada, grace):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace])
    cancel(book_one_off(panel, "15:00"), by=Canceller.INVITEE, now=NOW)
    return panel


@pytest.mark.parametrize("attempt", ROUNDS)
def test_moving_and_cancelling_at_once_end_cancelled_and_free(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = book_one_off(one_off, "09:00")

    outcome = race([mover(booking, one_off, "10:00"), partial(cancel, booking, by=Canceller.INVITEE, now=NOW)])

    booking.refresh_from_db()
    assert (booking.is_cancelled, booking.sequence, taken()) == (True, len(outcome.won), [])
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_moving_to_a_time_and_booking_it_give_it_once(ada, grace, attempt):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace])
    booking = book_one_off(panel, "15:00")

    outcome = race(
        [
            mover(booking, panel, "16:00"),
            *(event_type_booker(ada, "16:00", make_invitee(n)) for n in range(WRITERS // 2)),
            *(event_type_booker(grace, "16:00", make_invitee(n)) for n in range(WRITERS // 2)),
        ]
    )

    booking.refresh_from_db()
    moved = booking.period == half_hour("16:00")
    assert (len(outcome.won), outcome.won == [booking]) == ((1, True) if moved else (2, False))
    assert set(outcome.lost) == {SlotTaken}
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_moving_to_a_time_and_withdrawing_it_leave_the_time(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    booking = book_one_off(one_off, "09:00")
    withdrawn = ProposedTime.objects.select_related("one_off").get(pk=time_of(one_off, "10:00").pk)

    outcome = race([mover(booking, one_off, "10:00"), partial(withdraw_time, withdrawn, by=ada, now=NOW)])

    assert (outcome.won, outcome.lost) == ([booking], {LinkClosed: 1})
    assert taken() == [half_hour("10:00")]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_accepting_and_booking_at_once_make_one_booking(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    ask(one_off, "14:00")
    bookers = [booker(one_off, "10:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([accepter(one_off, "14:00", ada), *bookers])

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost.total() == WRITERS - 1
    assert CounterProposal.objects.get().answer == (
        "accepted" if outcome.won[0].period == half_hour("14:00") else "otherwise"
    )
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_accepting_and_an_event_type_at_once_take_the_time_once(ada, attempt):
    one_off = make_one_off(ada, "09:00")
    ask(one_off, "14:00")
    bookers = [event_type_booker(ada, "14:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([accepter(one_off, "14:00", ada), *bookers])

    assert outcome.won == list(Booking.objects.all())
    assert set(outcome.lost) <= {SlotTaken, TimesTaken}
    if outcome.won[0].event_type is not None:
        assert SingleUseLink.objects.get().closed_at is None
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_accepting_one_time_many_times_at_once_makes_one_booking_that_all_get(ada, grace, attempt):
    one_off = make_one_off(ada, "09:00")
    ask(one_off, "14:00")

    outcome = race([accepter(one_off, "14:00", ada if n % 2 else grace) for n in range(WRITERS)])

    assert outcome.won == [Booking.objects.get()] * WRITERS
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_accepting_two_times_at_once_makes_one_booking(ada, grace, attempt):
    one_off = make_one_off(ada, "09:00")
    ask(one_off, "14:00", "15:00")

    outcome = race([accepter(one_off, "14:00", ada), accepter(one_off, "15:00", grace)])

    assert (outcome.won, outcome.lost) == ([Booking.objects.get()], {OfferClosed: 1})
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_accepting_a_move_and_cancelling_end_cancelled_and_free(ada, attempt):
    one_off = make_one_off(ada, "09:00")
    booking = book_one_off(one_off, "09:00")
    ask(one_off, "14:00", booking=booking)

    outcome = race([accepter(one_off, "14:00", ada), partial(cancel, booking, by=Canceller.INVITEE, now=NOW)])

    booking.refresh_from_db()
    assert (booking.is_cancelled, booking.sequence, taken()) == (True, len(outcome.won), [])
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_reopening_many_times_at_once_makes_one_link_that_all_get(ada, grace, cancelled, attempt):
    outcome = race([reopener(cancelled, ada if n % 2 else grace) for n in range(WRITERS)])

    assert SingleUseLink.objects.count() == 2
    assert outcome.won == [SingleUseLink.objects.get(closed_at=None)] * WRITERS
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_reopening_and_deleting_at_once_leave_nothing(ada, grace, cancelled, attempt):
    outcome = race([partial(delete_one_off, cancelled, by=grace, now=NOW), reopener(cancelled, ada)])

    assert [model.objects.count() for model in (OneOffMeeting, SingleUseLink, BusyTime)] == [0, 0, 0]
    assert outcome.lost.total() == 2 - len(outcome.won)
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_the_old_link_books_nothing_while_it_is_reopened(ada, cancelled, attempt):
    bookers = [booker(cancelled, "16:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([reopener(cancelled, ada), *bookers])

    assert (len(outcome.won), outcome.lost) == (1, {LinkClosed: WRITERS - 1})
    assert Booking.objects.confirmed().count() == 0
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_reopening_and_a_booking_of_its_time_give_the_time_once(ada, grace, cancelled, attempt):
    bookers = [event_type_booker(grace, "15:00", make_invitee(n)) for n in range(WRITERS // 2)]

    race([reopener(cancelled, ada), *bookers])

    assert BusyTime.objects.count() in (3, 4)
    assert_books_balance()
