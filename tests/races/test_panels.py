"""Races for the time of people in several panels, and with their other meetings."""

from functools import partial

import pytest

from oneoff.creator.create import TimesTaken, delete_one_off
from oneoff.models import OneOffMeeting
from scheduling.bookings.offers import SlotTaken
from scheduling.models import Booking, BusyTime
from tests.factories import let_meet, make_one_off
from tests.races.audit import assert_books_balance
from tests.races.racing import race
from tests.races.test_one_link import booker, event_type_booker, make_invitee
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8
ROUNDS = range(3)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_panels_at_once_for_one_cohost_leave_one(ada, grace, alan, mary, attempt):
    let_meet(ada, grace, alan, mary)
    # Each names the others in another order: who locked in that order would wait in a circle.
    panels = [(ada, [grace, alan]), (alan, [grace]), (mary, [alan, grace]), (grace, [mary])] * 2

    outcome = race([partial(make_one_off, organizer, "15:00", cohosts=cohosts) for organizer, cohosts in panels])

    assert outcome.won == list(OneOffMeeting.objects.all())
    assert outcome.lost == {TimesTaken: WRITERS - 1}
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_two_unheld_panels_booked_at_once_take_a_cohost_once(ada, grace, alan, attempt):
    let_meet(ada, grace, alan)
    first = make_one_off(ada, "15:00", cohosts=[grace], hold_times=False)
    second = make_one_off(alan, "15:15", cohosts=[grace], hold_times=False)
    bookers = [booker(first, "15:00", make_invitee(n)) for n in range(WRITERS // 2)]
    bookers += [booker(second, "15:15", make_invitee(100 + n)) for n in range(WRITERS // 2)]

    outcome = race(bookers)

    assert outcome.won == list(Booking.objects.all())
    assert outcome.lost.total() == WRITERS - 1
    assert outcome.lost[SlotTaken] == WRITERS // 2
    assert BusyTime.objects.count() == 2
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_a_panel_and_a_cohosts_event_type_at_once_take_the_time_once(ada, grace, attempt):
    panels = [partial(make_one_off, ada, "15:00", cohosts=[grace]) for _ in range(WRITERS // 2)]
    event_types = [event_type_booker(grace, "15:00", make_invitee(n)) for n in range(WRITERS // 2)]

    outcome = race([each for pair in zip(panels, event_types, strict=True) for each in pair])

    assert len(outcome.won) == 1
    assert outcome.won == [*OneOffMeeting.objects.all(), *Booking.objects.all()]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_deleting_a_panel_and_booking_it_at_once_leave_either_nothing_or_a_booking(ada, grace, alan, attempt):
    panel = make_one_off(ada, "15:00", cohosts=[grace, alan])
    bookers = [booker(panel, "15:00", make_invitee(n)) for n in range(WRITERS - 1)]

    outcome = race([partial(delete_one_off, panel, by=grace, now=NOW), *bookers])

    if outcome.won == [None]:
        assert [model.objects.count() for model in (OneOffMeeting, Booking, BusyTime)] == [0, 0, 0]
    else:
        assert outcome.won == list(Booking.objects.all())
        assert BusyTime.objects.count() == 3
    assert_books_balance()
