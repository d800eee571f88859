from datetime import timedelta

import pytest

from caledee.accounts.models import User
from oneoff.creator.create import TimesTaken, delete_one_off, withdraw_time
from oneoff.links import LinkClosed, find_link
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling.bookings.book import cancel
from scheduling.models import Booking, BusyTime, Canceller, EventType, Schedule
from scheduling.rules import Reason, Refusal, Refused
from tests.factories import (
    DANA,
    EDSGER,
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    make_one_off,
    offered,
    time_of,
)
from tests.support.times import NOW, at


def nothing_is_left() -> bool:
    return not (OneOffMeeting.objects.exists() or ProposedTime.objects.exists() or SingleUseLink.objects.exists())


def test_a_one_off_has_its_details_its_times_and_an_open_link(ada):
    one_off = make_one_off(
        ada,
        "14:00",
        "09:00",
        description="Bring the notes.",
        invitee_name="Dana",
        invitee_email="dana@example.com",
        valid_until=at("2026-11-30 12:00"),
    )

    one_off.refresh_from_db()
    assert (one_off.organizer, one_off.created_by, one_off.created_at) == (ada, ada, NOW)
    assert (one_off.name, one_off.description, one_off.duration) == (
        "Interview",
        "Bring the notes.",
        timedelta(minutes=30),
    )
    assert (one_off.location_kind, one_off.location) == ("video", "https://meet.example.com/interview")
    assert (one_off.invitee_name, one_off.invitee_email) == ("Dana", "dana@example.com")
    assert (one_off.hold_times, one_off.valid_until) == (True, at("2026-11-30 12:00"))
    assert [time.period for time in one_off.proposed_times.all()] == [half_hour("09:00"), half_hour("14:00")]
    assert (one_off.link.closed_at, one_off.link.booking, one_off.link.opened_at) == (None, None, None)
    assert one_off.link.is_open(NOW)


def test_a_link_has_a_long_token_of_letters_and_digits(ada):
    tokens = {make_one_off(ada, f"{hour:02}:00").link.token for hour in range(9, 17)}

    assert len(tokens) == 8
    # 22 of 62 characters are more than 128 bits.
    assert all(token.isascii() and token.isalnum() and len(token) >= 22 for token in tokens)


def test_held_times_are_in_the_ledger_under_the_one_off(ada):
    one_off = make_one_off(ada, "09:00", "14:00")

    assert ledger() == [
        ("ada", one_off.pk, "hold", half_hour("09:00")),
        ("ada", one_off.pk, "hold", half_hour("14:00")),
    ]


def test_times_that_are_not_held_are_not_in_the_ledger(ada):
    one_off = make_one_off(ada, "09:00", "14:00", hold_times=False)

    assert ledger() == []
    assert offered(one_off) == [half_hour("09:00"), half_hour("14:00")]


def test_times_of_one_one_off_may_overlap(ada):
    one_off = make_one_off(ada, "09:00", "09:15")

    assert offered(one_off) == [half_hour("09:00"), half_hour("09:15")]


def test_times_outside_the_working_hours_may_be_offered(ada):
    one_off = make_one_off(ada, "06:00", "23:45")

    assert offered(one_off) == [half_hour("06:00"), half_hour("23:45")]


def test_the_same_time_twice_is_rejected_and_leaves_nothing(ada):
    with pytest.raises(Refused) as caught:
        make_one_off(ada, "09:00", "09:00")

    assert caught.value.refusals == [
        Refusal("times", Reason.REPEATED, "This time is listed twice.", half_hour("09:00").start)
    ]
    assert nothing_is_left()
    assert ledger() == []


@pytest.mark.parametrize("hold_times", [True, False])
def test_a_time_over_a_booking_is_rejected_whether_held_or_not(ada, hold_times):
    booking = book_event_type(ada, "10:00")

    with pytest.raises(TimesTaken) as caught:
        make_one_off(ada, "09:00", "09:45", "10:15", hold_times=hold_times)

    conflicts = {period: [row.claim for row in rows] for period, rows in caught.value.conflicts.items()}
    assert conflicts == {half_hour("09:45"): [booking.pk], half_hour("10:15"): [booking.pk]}
    assert nothing_is_left()
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


@pytest.mark.parametrize("hold_times", [True, False])
def test_a_time_over_a_hold_of_another_one_off_is_rejected_whether_held_or_not(ada, hold_times):
    earlier = make_one_off(ada, "10:00")

    with pytest.raises(TimesTaken) as caught:
        make_one_off(ada, "10:15", "11:00", hold_times=hold_times)

    [[row]] = caught.value.conflicts.values()
    assert (list(caught.value.conflicts), row.claim, row.kind) == ([half_hour("10:15")], earlier.pk, "hold")
    assert list(OneOffMeeting.objects.all()) == [earlier]
    assert ledger() == [("ada", earlier.pk, "hold", half_hour("10:00"))]


def test_a_time_that_another_one_off_offers_without_holding_is_allowed(ada):
    make_one_off(ada, "10:00", hold_times=False)

    later = make_one_off(ada, "10:00")

    assert ledger() == [("ada", later.pk, "hold", half_hour("10:00"))]


def test_times_next_to_taken_time_are_allowed(ada):
    make_one_off(ada, "10:00")
    book_event_type(ada, "11:00")

    assert offered(make_one_off(ada, "09:30", "10:30", "11:30")) == [
        half_hour(clock) for clock in ("09:30", "10:30", "11:30")
    ]


def test_busy_time_of_teammates_does_not_matter(ada, grace):
    make_one_off(grace, "15:00")

    assert offered(make_one_off(ada, "15:00")) == [half_hour("15:00")]


def test_a_time_whose_hold_has_lapsed_is_allowed(ada):
    valid_until = at("2026-11-30 12:00")
    make_one_off(ada, "10:00", valid_until=valid_until)

    later = make_one_off(ada, "10:15", now=valid_until)

    assert ledger() == [("ada", later.pk, "hold", half_hour("10:15"))]


def test_a_one_off_for_a_teammate_takes_the_teammates_time(ada, grace):
    one_off = make_one_off(grace, "15:00", created_by=ada)

    assert (one_off.organizer, one_off.created_by) == (grace, ada)
    assert ledger() == [("grace", one_off.pk, "hold", half_hour("15:00"))]


def test_a_one_off_does_not_change_event_types_or_schedules(ada, mary):
    def untouched() -> list[object]:
        return [list(EventType.objects.order_by("pk").values()), list(Schedule.objects.order_by("pk").values())]

    before = untouched()
    limit = mary.active_event_type_limit
    one_off = make_one_off(mary, "09:00", "10:00", "11:00")
    booking = book_one_off(one_off, "09:00")

    assert untouched() == before
    assert booking.event_type is None
    assert (limit, mary.active_event_type_limit, mary.event_types.active().count()) == (1, 1, 1)


def test_a_hundred_times_are_created_with_as_many_queries_as_one(ada, django_assert_num_queries):
    # Savepoint, lock, conflicts; meeting, times, link, current; cohosts, conflicts, savepoint, holds; history.
    with django_assert_num_queries(14):
        make_one_off(ada, "09:00")
    with django_assert_num_queries(14):
        make_one_off(ada, *(f"{10 + n // 60:02}:{n % 60:02}" for n in range(100)))

    assert BusyTime.objects.count() == 101


def test_deleting_releases_all_holds_and_removes_the_link(ada):
    one_off = make_one_off(ada, "10:00", "11:00")
    other = make_one_off(ada, "12:00")
    token = one_off.link.token
    assert find_link("ada", token) is not None

    delete_one_off(one_off, by=None, now=NOW)

    assert find_link("ada", token) is None
    assert list(OneOffMeeting.objects.all()) == [other]
    assert ledger() == [("ada", other.pk, "hold", half_hour("12:00"))]
    assert book_event_type(ada, "10:00").period == half_hour("10:00")


def test_a_booked_one_off_cannot_be_deleted(ada):
    one_off = make_one_off(ada, "10:00")
    booking = book_one_off(one_off, "10:00")

    with pytest.raises(LinkClosed):
        delete_one_off(one_off, by=None, now=NOW)

    assert SingleUseLink.objects.get().booking == booking
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_a_one_off_with_a_cancelled_booking_can_be_deleted_and_the_booking_stays(ada):
    one_off = make_one_off(ada, "10:00")
    booking = cancel(book_one_off(one_off, "10:00"), by=Canceller.INVITEE, now=NOW)

    delete_one_off(one_off, by=None, now=NOW)

    assert nothing_is_left()
    assert list(Booking.objects.all()) == [booking]


def test_deleting_twice_changes_nothing(ada):
    one_off, other = make_one_off(ada, "10:00"), make_one_off(ada, "12:00")
    again = OneOffMeeting.objects.get(pk=one_off.pk)
    delete_one_off(one_off, by=None, now=NOW)

    delete_one_off(again, by=None, now=NOW)

    assert ledger() == [("ada", other.pk, "hold", half_hour("12:00"))]


def test_a_withdrawn_time_is_neither_offered_nor_held(ada):
    one_off = make_one_off(ada, "10:00", "10:15", "12:00")

    withdraw_time(time_of(one_off, "10:00"), by=None, now=NOW)

    assert offered(one_off) == [half_hour("10:15"), half_hour("12:00")]
    assert ledger() == [
        ("ada", one_off.pk, "hold", half_hour("10:15")),
        ("ada", one_off.pk, "hold", half_hour("12:00")),
    ]


def test_withdrawing_a_withdrawn_or_deleted_time_changes_nothing(ada):
    one_off = make_one_off(ada, "10:00", "12:00")
    time, other = time_of(one_off, "10:00"), time_of(one_off, "12:00")
    withdraw_time(ProposedTime.objects.get(pk=time.pk), by=None, now=NOW)

    withdraw_time(time, by=None, now=NOW)

    assert ledger() == [("ada", one_off.pk, "hold", half_hour("12:00"))]
    delete_one_off(OneOffMeeting.objects.get(), by=None, now=NOW)
    withdraw_time(other, by=None, now=NOW)
    assert nothing_is_left()


def test_times_of_a_booked_one_off_cannot_be_withdrawn(ada):
    one_off = make_one_off(ada, "10:00", "12:00")
    time = time_of(one_off, "12:00")
    booking = book_one_off(one_off, "10:00")

    with pytest.raises(LinkClosed):
        withdraw_time(time, by=None, now=NOW)

    assert one_off.proposed_times.count() == 2
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_deleting_a_person_deletes_their_one_offs(ada, grace):
    book_one_off(make_one_off(ada, "10:00", created_by=grace), "10:00")
    cancel(book_one_off(make_one_off(ada, "11:00"), "11:00", EDSGER), by=Canceller.INVITEE, now=NOW)
    make_one_off(ada, "12:00")
    book_event_type(ada, "13:00")
    theirs = make_one_off(grace, "15:00", created_by=ada)

    User.objects.get(pk=ada.pk).delete()

    theirs.refresh_from_db()
    assert (theirs.organizer, theirs.created_by) == (grace, None)
    assert list(OneOffMeeting.objects.all()) == [theirs]
    assert Booking.objects.count() == 0
    assert ledger() == [("grace", theirs.pk, "hold", half_hour("15:00"))]


def test_deleting_an_admin_keeps_one_offs_made_for_others(ada, grace):
    one_off = make_one_off(ada, "10:00", created_by=grace)
    booking = book_one_off(one_off, "10:00", DANA)

    grace.delete()

    assert SingleUseLink.objects.get().booking == booking
    assert OneOffMeeting.objects.get().created_by is None
