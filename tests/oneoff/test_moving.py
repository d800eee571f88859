"""Move the booking of a one-off to another of its proposed times."""

from datetime import timedelta

import pytest

from oneoff.board.reopening import reopen
from oneoff.creator.create import delete_one_off, withdraw_time
from oneoff.links import LinkClosed, find_link_of
from oneoff.models import OneOffMeeting
from oneoff.offer import MoveOffer
from scheduling.bookings.book import BookingOver, cancel, reschedule
from scheduling.bookings.offers import SlotTaken
from scheduling.models import Booking, Canceller
from tests.factories import (
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    time_of,
)
from tests.support.tables import all_rows
from tests.support.times import NOW


def move_offer(booking) -> MoveOffer:
    return MoveOffer(find_link_of(booking.token), moved=booking)


def move(booking, one_off, clock, *, now=NOW):
    offer = move_offer(booking)
    return reschedule(booking, offer, offer.slot(str(time_of(one_off, clock).pk)), now=now)


def choices(booking, *, now=NOW) -> list:
    return [slot.period for slot in move_offer(booking).open_slots(now=now)]


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00", "10:15", "11:00")


@pytest.fixture
def booking(one_off):
    return book_one_off(one_off, "10:00")


def test_free_times_are_offered_except_the_current_one(ada, one_off):
    withdraw_time(time_of(one_off, "09:00"), by=ada, now=NOW)
    booking = book_one_off(one_off, "10:00")

    assert choices(booking) == [half_hour("10:15"), half_hour("11:00")]
    book_event_type(ada, "11:00")
    assert choices(booking) == [half_hour("10:15")]
    assert choices(booking, now=half_hour("10:15").start) == []


def test_a_time_that_a_cohost_no_longer_has_is_not_offered(ada, grace):
    panel = make_one_off(ada, "15:00", "16:00", "17:00", cohosts=[grace])
    booking = book_one_off(panel, "15:00")
    book_event_type(grace, "16:00")

    assert choices(booking) == [half_hour("17:00")]


def test_moving_takes_the_new_time_and_frees_the_old_one(one_off, booking):
    moved = move(booking, one_off, "11:00")

    assert ledger() == [("ada", booking.pk, "booking", half_hour("11:00"))]
    assert (moved.uid, moved.token, moved.sequence) == (booking.uid, booking.token, 1)
    assert OneOffMeeting.objects.get().link.booking.period == half_hour("11:00")


def test_a_booking_does_not_conflict_with_itself(one_off, booking):
    move(booking, one_off, "10:15")

    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:15"))]


def test_moving_to_where_it_is_changes_nothing(one_off, booking):
    before = all_rows()

    assert move(booking, one_off, "10:00") == booking

    assert all_rows() == before


def test_a_taken_time_is_rejected_and_the_old_one_kept(ada, one_off, booking):
    offer = move_offer(booking)
    slot = offer.slot(str(time_of(one_off, "11:00").pk))
    book_event_type(ada, "11:00", EDSGER)
    before = all_rows()

    with pytest.raises(SlotTaken):
        reschedule(booking, offer, slot, now=NOW)

    assert all_rows() == before


def test_the_person_who_booked_can_move_it_after_the_link_expired(ada):
    one_off = make_one_off(ada, "09:00", "10:00", valid_until=NOW + timedelta(hours=1))
    booking = book_one_off(one_off, "09:00")

    moved = move(booking, one_off, "10:00", now=NOW + timedelta(hours=2))

    assert moved.period == half_hour("10:00")


def test_a_cancelled_or_started_meeting_is_not_moved(one_off, booking):
    with pytest.raises(BookingOver):
        move(booking, one_off, "11:00", now=booking.start)
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    with pytest.raises(BookingOver):
        move(booking, one_off, "11:00")

    assert ledger() == []


def test_a_meeting_that_is_reopened_or_deleted_meanwhile_is_not_moved(ada, one_off, booking):
    offer = move_offer(booking)
    slot = offer.slot(str(time_of(one_off, "11:00").pk))
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=NOW)
    before = all_rows()
    with pytest.raises(BookingOver):
        reschedule(booking, offer, slot, now=NOW)
    assert all_rows() == before

    delete_one_off(OneOffMeeting.objects.get(), by=ada, now=NOW)
    with pytest.raises(BookingOver):
        reschedule(booking, offer, slot, now=NOW)


def test_a_meeting_that_loses_its_link_meanwhile_is_not_moved(one_off, booking):
    offer = move_offer(booking)
    slot = offer.slot(str(time_of(one_off, "11:00").pk))
    OneOffMeeting.objects.all().delete()
    before = all_rows()

    with pytest.raises(LinkClosed):
        reschedule(booking, offer, slot, now=NOW)
    assert all_rows() == before


def test_a_cohost_who_left_the_organization_is_moved_too(ada, grace):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace])
    booking = book_one_off(panel, "15:00")
    grace.memberships.all().delete()

    assert move(booking, panel, "16:00").people == [ada, grace]


def test_all_members_of_a_panel_are_moved_together(ada, grace):
    panel = make_one_off(ada, "15:00", "16:00", cohosts=[grace])
    booking = book_one_off(panel, "15:00")

    move(booking, panel, "16:00")

    assert ledger() == [
        ("ada", booking.pk, "booking", half_hour("16:00")),
        ("grace", booking.pk, "booking", half_hour("16:00")),
    ]


def test_withdrawing_and_deleting_wait_until_it_is_cancelled(ada, one_off, booking):
    with pytest.raises(LinkClosed):
        withdraw_time(time_of(one_off, "11:00"), by=ada, now=NOW)
    with pytest.raises(LinkClosed):
        delete_one_off(one_off, by=ada, now=NOW)

    cancel(booking, by=Canceller.ORGANIZER, now=NOW)
    delete_one_off(one_off, by=ada, now=NOW)

    assert (OneOffMeeting.objects.count(), Booking.objects.get().is_cancelled) == (0, True)
