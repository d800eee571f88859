"""Races for one single-use link."""

from functools import partial

import pytest

from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling.bookings.book import UNKNOWN_SENDER, Sender, book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee, SlotTaken
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import (
    DANA,
    DANAS_FORM,
    book_one_off,
    half_hour,
    make_one_off,
    offer_of,
    offered,
    on_tuesday,
    time_of,
)
from tests.races.audit import assert_books_balance
from tests.races.racing import Attempt, race
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8
ROUNDS = range(3)
CLOCKS = [f"{hour:02}:{minute:02}" for hour in range(9, 15) for minute in (0, 30)]


def make_invitee(number: int) -> Invitee:
    return Invitee(name=f"Invitee {number}", email=f"invitee{number}@example.com", time_zone="Europe/Paris")


def booker(one_off: OneOffMeeting, clock: str, invitee: Invitee, sender: Sender = UNKNOWN_SENDER) -> Attempt:
    """An invitee with the page open, ready to book."""
    offer = offer_of(one_off)
    return partial(book, offer, offer.slot(str(time_of(one_off, clock).pk)), invitee, sender=sender, now=NOW)


def event_type_booker(organizer, clock: str, invitee: Invitee, sender: Sender = UNKNOWN_SENDER) -> Attempt:
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    return partial(book, offer, offer.slot(on_tuesday(clock).isoformat()), invitee, sender=sender, now=NOW)


@pytest.mark.parametrize("hold_times", [True, False])
@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_at_the_same_time_of_one_link_make_one_booking(ada, attempt, hold_times):
    one_off = make_one_off(ada, "09:00", "10:00", hold_times=hold_times)

    outcome = race([booker(one_off, "10:00", make_invitee(n)) for n in range(WRITERS)])

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost == {LinkClosed: WRITERS - 1}
    assert SingleUseLink.objects.get().booking == outcome.won[0]
    assert_books_balance()


@pytest.mark.parametrize("hold_times", [True, False])
@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_at_different_times_of_one_link_make_one_booking(ada, attempt, hold_times):
    one_off = make_one_off(ada, *CLOCKS, hold_times=hold_times)

    outcome = race([booker(one_off, clock, make_invitee(n)) for n, clock in enumerate(CLOCKS)])

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost == {LinkClosed: len(CLOCKS) - 1}
    assert BusyTime.objects.count() == 1
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_the_same_submission_many_times_at_once_makes_one_booking_that_all_get(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")

    outcome = race([booker(one_off, "10:00", DANA, DANAS_FORM) for _ in range(WRITERS)])

    assert outcome.won == [Booking.objects.get()] * WRITERS
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_the_same_words_from_many_forms_at_once_make_one_booking_that_its_form_gets(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    forms = [Sender(nonce=letter * 24) for letter in "abcd"]

    outcome = race([booker(one_off, "10:00", DANA, form) for form in forms for _ in range(WRITERS // len(forms))])

    booking = Booking.objects.get()
    assert outcome.won == [booking] * (WRITERS // len(forms))
    assert outcome.lost == {LinkClosed: WRITERS - WRITERS // len(forms)}
    assert booking.nonce in {form.nonce for form in forms}
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_deleting_and_booking_at_once_leave_either_nothing_or_a_booking(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    bookers = [booker(one_off, "10:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([partial(delete_one_off, one_off, by=None, now=NOW), *bookers])

    assert outcome.lost == {LinkClosed: WRITERS - 1}
    if outcome.won == [None]:
        assert [model.objects.count() for model in (OneOffMeeting, Booking, BusyTime)] == [0, 0, 0]
    else:
        assert outcome.won == [SingleUseLink.objects.get().booking]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_withdrawing_a_time_and_booking_it_at_once_let_one_of_them_through(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:00")
    withdrawn = ProposedTime.objects.select_related("one_off").get(pk=time_of(one_off, "10:00").pk)
    bookers = [booker(one_off, "10:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([partial(withdraw_time, withdrawn, by=None, now=NOW), *bookers])

    if outcome.won == [None]:
        assert outcome.lost == {SlotTaken: WRITERS - 1}
        assert offered(one_off) == [half_hour("09:00")]
    else:
        assert outcome.won == [SingleUseLink.objects.get().booking]
        assert outcome.lost == {LinkClosed: WRITERS - 1}
        assert one_off.proposed_times.count() == 2
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_an_unheld_time_and_an_event_type_at_once_make_one_booking(ada, attempt):
    one_off = make_one_off(ada, "09:00", "10:15", hold_times=False)
    by_link = [booker(one_off, "10:15", make_invitee(n)) for n in range(WRITERS // 2)]
    by_event_type = [event_type_booker(ada, "10:00", make_invitee(100 + n)) for n in range(WRITERS // 2)]

    outcome = race([attempt for pair in zip(by_event_type, by_link, strict=True) for attempt in pair])

    assert outcome.won == list(Booking.objects.all())
    if outcome.won[0].event_type is None:
        assert outcome.lost == {LinkClosed: WRITERS // 2 - 1, SlotTaken: WRITERS // 2}
    else:
        assert outcome.lost == {SlotTaken: WRITERS - 1}
        assert offered(one_off) == [half_hour("09:00")]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_cancelling_many_times_at_once_cancels_once(ada, attempt):
    booking = book_one_off(make_one_off(ada, "10:00"), "10:00")

    outcome = race(
        [partial(cancel, booking, by=Canceller.INVITEE, reason=f"Reason {n}", now=NOW) for n in range(WRITERS)]
    )

    assert len(outcome.won) == WRITERS
    assert {(each.sequence, each.cancel_reason) for each in outcome.won} == {(1, Booking.objects.get().cancel_reason)}
    assert BusyTime.objects.count() == 0
