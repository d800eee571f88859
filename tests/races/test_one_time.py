"""Races of several offers for one person's time."""

from functools import partial

import pytest

from oneoff.creator.create import TimesTaken, delete_one_off
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling.bookings.book import cancel
from scheduling.bookings.offers import SlotTaken
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import DANA, DANAS_FORM, book_event_type, half_hour, make_one_off, offered
from tests.races.audit import assert_books_balance
from tests.races.racing import race
from tests.races.test_one_link import ROUNDS, WRITERS, booker, event_type_booker, make_invitee
from tests.support.times import NOW, at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_at_one_time_of_an_event_type_make_one_booking(ada, attempt):
    outcome = race([event_type_booker(ada, "10:00", make_invitee(n)) for n in range(WRITERS)])

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost == {SlotTaken: WRITERS - 1}
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_the_same_submission_to_an_event_type_many_times_at_once_makes_one_booking(ada, attempt):
    outcome = race([event_type_booker(ada, "10:00", DANA, DANAS_FORM) for _ in range(WRITERS)])

    assert outcome.won == [Booking.objects.get()] * WRITERS
    assert_books_balance()


@pytest.mark.parametrize("hold_times", [True, False])
@pytest.mark.parametrize("attempt", ROUNDS)
def test_creating_a_one_off_and_booking_its_time_at_once_never_give_the_time_twice(ada, attempt, hold_times):
    creator = partial(make_one_off, ada, "09:00", "10:15", hold_times=hold_times)
    bookers = [event_type_booker(ada, "10:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([creator, *bookers])

    created = [won for won in outcome.won if isinstance(won, OneOffMeeting)]
    booked = [won for won in outcome.won if isinstance(won, Booking)]
    assert (created, booked) == (list(OneOffMeeting.objects.all()), list(Booking.objects.all()))
    if created and hold_times:
        assert outcome.lost == {SlotTaken: WRITERS - 1}
        assert offered(created[0]) == [half_hour("09:00"), half_hour("10:15")]
    elif created:
        assert outcome.lost == {SlotTaken: WRITERS - 2}
        assert offered(created[0]) == [half_hour("09:00")]
    else:
        assert outcome.lost == {TimesTaken: 1, SlotTaken: WRITERS - 2}
        assert [model.objects.count() for model in (ProposedTime, SingleUseLink)] == [0, 0]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_of_one_offs_that_hold_overlapping_times_at_once_one_is_created(ada, attempt):
    clocks = [f"10:{minute:02}" for minute in range(0, 2 * WRITERS, 2)]

    outcome = race([partial(make_one_off, ada, clock, f"1{n % 3 + 1}:00") for n, clock in enumerate(clocks)])

    assert outcome.won == list(OneOffMeeting.objects.all())
    assert outcome.lost == {TimesTaken: WRITERS - 1}
    assert ProposedTime.objects.count() == BusyTime.objects.count() == 2
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_links_to_one_unheld_time_at_once_make_one_booking(ada, attempt):
    one_offs = [make_one_off(ada, "10:00", "12:00", hold_times=False) for _ in range(WRITERS)]

    outcome = race([booker(one_off, "10:00", make_invitee(n)) for n, one_off in enumerate(one_offs)])

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost == {SlotTaken: WRITERS - 1}
    assert SingleUseLink.objects.filter(closed_at=None).count() == WRITERS - 1
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_who_meet_one_lapsed_hold_make_one_booking(ada, attempt):
    lapse = at("2026-11-23 12:00")
    make_one_off(ada, "10:00", valid_until=lapse)
    attempts = [partial(book_event_type, ada, "10:00", make_invitee(n), now=lapse) for n in range(WRITERS)]

    outcome = race(attempts)

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost == {SlotTaken: WRITERS - 1}
    assert [row.claim for row in BusyTime.objects.all()] == [outcome.won[0].pk]


@pytest.mark.parametrize("attempt", ROUNDS)
def test_freed_time_is_given_to_one_of_those_who_wait_for_it(ada, attempt):
    booking, one_off = book_event_type(ada, "10:00"), make_one_off(ada, "11:00")
    freers = [
        partial(cancel, booking, by=Canceller.ORGANIZER, now=NOW),
        partial(delete_one_off, OneOffMeeting.objects.get(), by=None, now=NOW),
    ]
    waiting = [event_type_booker(ada, clock, make_invitee(n)) for n in range(5) for clock in ("10:00", "11:00")]

    outcome = race([*waiting[:5], *freers, *waiting[5:]])

    bookings = [won for won in outcome.won if isinstance(won, Booking) and won != booking]
    assert len(outcome.won) == 2 + len(bookings)
    assert len({each.start for each in bookings}) == len(bookings) == Booking.objects.confirmed().count()
    assert outcome.lost.total() == outcome.lost[SlotTaken] == 10 - len(bookings)
    assert not OneOffMeeting.objects.filter(pk=one_off.pk).exists()
    assert_books_balance()
