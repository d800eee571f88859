"""Races of moving a booking against bookings of the same time, another move, and cancelling."""

from functools import partial

import pytest

from scheduling.bookings.book import BookingOver, cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import DANA, EDSGER, book_event_type, half_hour
from tests.races.audit import assert_books_balance
from tests.races.racing import race
from tests.races.test_one_link import ROUNDS, WRITERS, event_type_booker, make_invitee
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def mover(booking, clock):
    """Move the booking to `clock`; a meeting that is cancelled meanwhile answers as one whose slot is gone."""
    offer = EventTypeOffer(booking.event_type, moved=booking)
    slot = offer.slot(f"{half_hour(clock).start:%Y-%m-%dT%H:%M:%SZ}")

    def act():
        try:
            return reschedule(booking, offer, slot, now=NOW)
        except BookingOver as error:
            raise SlotTaken from error

    return act


def taken() -> list:
    return [row.period for row in BusyTime.objects.order_by("start")]


@pytest.mark.parametrize("attempt", ROUNDS)
def test_moving_and_booking_the_same_time_give_it_once(ada, attempt):
    booking = book_event_type(ada, "09:00")

    outcome = race(
        [mover(booking, "10:00"), *(event_type_booker(ada, "10:00", make_invitee(n)) for n in range(WRITERS - 1))]
    )

    assert outcome.lost == {SlotTaken: WRITERS - 1}
    booking.refresh_from_db()
    moved = booking.period == half_hour("10:00")
    assert (booking.sequence, Booking.objects.count()) == ((1, 1) if moved else (0, 2))
    assert taken() == ([half_hour("10:00")] if moved else [half_hour("09:00"), half_hour("10:00")])
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_two_bookings_that_move_to_one_time_leave_one_where_it_was(ada, attempt):
    first, second = book_event_type(ada, "09:00", DANA), book_event_type(ada, "09:30", EDSGER)

    outcome = race([mover(first, "10:00"), mover(second, "10:00")])

    assert (len(outcome.won), outcome.lost) == (1, {SlotTaken: 1})
    stayed = half_hour("09:30" if outcome.won == [first] else "09:00")
    assert taken() == [stayed, half_hour("10:00")]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_moving_and_cancelling_at_once_end_cancelled_and_free(ada, attempt):
    booking = book_event_type(ada, "09:00")

    outcome = race([mover(booking, "10:00"), partial(cancel, booking, by=Canceller.INVITEE, now=NOW)])

    booking.refresh_from_db()
    assert (booking.is_cancelled, booking.sequence) == (True, len(outcome.won))
    assert taken() == []
    assert_books_balance()
