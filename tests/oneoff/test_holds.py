from datetime import timedelta

import pytest

from caledee.accounts.models import User
from oneoff import holds
from oneoff.models import OneOffMeeting, ProposedTime
from scheduling.availability.ledger import TimeTaken, lock_organizers
from scheduling.availability.taken import read_taken
from scheduling.bookings.book import cancel
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.models import BusyTime, Canceller
from tests.factories import (
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    on_tuesday,
    time_of,
)
from tests.support.times import NOW, at, between

SECOND = timedelta(seconds=1)


def intro_starts(organizer: User, *, now=NOW) -> list[str]:
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    slots = offer.open_slots(between("2026-12-01 09:00", "2026-12-01 12:00"), now=now)
    return [f"{slot.period.start:%H:%M}" for slot in slots]


def test_held_times_are_not_offered_by_the_organizers_event_types(ada):
    make_one_off(ada, "09:00", "10:15")

    assert intro_starts(ada) == ["09:30", "11:00", "11:30"]


def test_an_event_type_keeps_its_buffers_from_held_times(ada):
    ada.event_types.update(before_buffer=timedelta(minutes=15), after_buffer=timedelta(minutes=30))
    make_one_off(ada, "10:00")

    assert intro_starts(ada) == ["09:00", "11:00", "11:30"]


def test_times_that_are_not_held_are_still_offered_elsewhere(ada):
    make_one_off(ada, "09:00", "10:15", hold_times=False)

    assert intro_starts(ada) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def test_holds_of_others_do_not_affect_an_event_type(ada, grace):
    make_one_off(grace, "09:00", "10:15")

    assert intro_starts(ada) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def test_a_held_time_cannot_be_booked_through_an_event_type(ada):
    one_off = make_one_off(ada, "10:00")

    with pytest.raises(SlotTaken):
        book_event_type(ada, "10:00")

    assert ledger() == [("ada", one_off.pk, "hold", half_hour("10:00"))]


def test_booking_one_time_releases_the_others(ada):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00")

    booking = book_one_off(one_off, "10:00")

    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]
    assert intro_starts(ada) == ["09:00", "09:30", "10:30", "11:00", "11:30"]


def test_cancelling_the_booking_frees_its_time_without_new_holds(ada):
    booking = book_one_off(make_one_off(ada, "09:00", "10:00"), "10:00")

    cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert ledger() == []
    assert intro_starts(ada) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def test_a_hold_lapses_when_its_own_time_starts(ada):
    make_one_off(ada, "09:00", "11:00")
    start = on_tuesday("09:00")

    assert [row.lapses_at for row in BusyTime.objects.order_by("start")] == [start, on_tuesday("11:00")]
    assert holds_counting(now=start - SECOND) == [half_hour("09:00"), half_hour("11:00")]
    assert holds_counting(now=start) == [half_hour("11:00")]


def holds_counting(*, now) -> list:
    taken = read_taken(list(User.objects.all()), between("2026-12-01 00:00", "2026-12-02 00:00"), now=now)
    return [each.period for each in taken]


def test_all_holds_lapse_when_the_link_expires(ada):
    valid_until = on_tuesday("10:00")
    make_one_off(ada, "09:00", "11:00", valid_until=valid_until)

    assert [row.lapses_at for row in BusyTime.objects.order_by("start")] == [on_tuesday("09:00"), valid_until]
    assert holds_counting(now=valid_until - SECOND) == [half_hour("11:00")]
    assert holds_counting(now=valid_until) == []
    assert intro_starts(ada, now=valid_until) == ["10:00", "10:30", "11:00", "11:30"]


def test_a_lapsed_hold_gives_way_to_a_booking(ada):
    valid_until = at("2026-11-30 12:00")
    one_off = make_one_off(ada, "10:00", "11:00", valid_until=valid_until)

    with pytest.raises(SlotTaken):
        book_event_type(ada, "10:00", now=valid_until - SECOND)
    booking = book_event_type(ada, "10:00", now=valid_until)

    # The other lapsed hold stays until a write meets it, and doesn't count.
    assert ledger() == [
        ("ada", booking.pk, "booking", half_hour("10:00")),
        ("ada", one_off.pk, "hold", half_hour("11:00")),
    ]
    assert holds_counting(now=valid_until) == [half_hour("10:00")]


def test_placing_holds_over_taken_time_is_rejected_entirely(ada):
    one_off = make_one_off(ada, "09:00", "10:00", hold_times=False)
    booking = book_event_type(ada, "10:00")

    lock_organizers([ada])

    with pytest.raises(TimeTaken):
        holds.place(one_off, list(one_off.proposed_times.all()), now=NOW)

    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_releasing_one_time_keeps_overlapping_times_of_the_same_one_off(ada):
    one_off = make_one_off(ada, "10:00", "10:15")

    holds.release_time(time_of(one_off, "10:00"))

    assert ledger() == [("ada", one_off.pk, "hold", half_hour("10:15"))]
    assert intro_starts(ada) == ["09:00", "09:30", "11:00", "11:30"]


def test_releasing_a_one_off_leaves_the_holds_of_others(ada):
    one_off, other = make_one_off(ada, "10:00", "11:00"), make_one_off(ada, "12:00")

    holds.release(one_off)

    assert ledger() == [("ada", other.pk, "hold", half_hour("12:00"))]


@pytest.mark.parametrize(
    ("valid_until", "lapse"),
    [(None, "10:00"), ("09:00", "09:00"), ("10:00", "10:00"), ("18:00", "10:00")],
)
def test_a_hold_lapses_at_its_start_or_when_the_link_expires(valid_until, lapse):
    time = ProposedTime(one_off=OneOffMeeting(), start=on_tuesday("10:00"), end=on_tuesday("10:30"))

    assert holds.lapse_of(time, valid_until and on_tuesday(valid_until)) == on_tuesday(lapse)
