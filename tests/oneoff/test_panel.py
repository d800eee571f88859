"""A one-off meeting with cohosts: their time is held, booked and freed like the organizer's."""

import pytest

from oneoff.creator.create import TimesTaken, delete_one_off, withdraw_time
from oneoff.models import OneOffMeeting
from scheduling.availability.slots import slots_of
from scheduling.bookings.book import cancel
from scheduling.models import Activity, Booking, BusyTime, Canceller
from tests.factories import (
    book_event_type,
    book_one_off,
    half_hour,
    ledger,
    let_meet,
    make_one_off,
    offered,
    on_tuesday,
    time_of,
)
from tests.support.times import NOW, between


def event_type_starts(person) -> list:
    window = between("2026-12-01 00:00", "2026-12-02 00:00")
    return slots_of(person.event_types.get(slug="intro"), [person], window, now=NOW)


def test_every_time_is_held_for_each_person(ada, grace, alan):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace, alan])

    assert ledger() == [
        (handle, panel.pk, "hold", half_hour(clock))
        for clock in ("14:00", "15:00")
        for handle in ("ada", "alan", "grace")
    ]


def test_their_event_types_do_not_offer_held_times(ada, grace, alan, mary):
    before = {person: event_type_starts(person) for person in (ada, grace, alan, mary)}
    make_one_off(ada, "10:00", "15:00", cohosts=[grace, alan])

    lost = {person.handle: set(starts) - set(event_type_starts(person)) for person, starts in before.items()}

    ten, three = on_tuesday("10:00"), on_tuesday("15:00")
    assert lost == {"ada": {ten, three}, "grace": {three}, "alan": {ten}, "mary": set()}


@pytest.mark.parametrize("hold_times", [True, False])
def test_a_time_at_which_one_person_is_busy_is_rejected_and_leaves_nothing(ada, grace, alan, hold_times):
    booking = book_event_type(grace, "15:00")

    with pytest.raises(TimesTaken) as caught:
        make_one_off(ada, "14:00", "15:15", cohosts=[alan, grace], hold_times=hold_times)

    assert [(period, [taken.person for taken in found]) for period, found in caught.value.conflicts.items()] == [
        (half_hour("15:15"), [grace.pk])
    ]
    assert (OneOffMeeting.objects.count(), ledger()) == (0, [("grace", booking.pk, "booking", half_hour("15:00"))])


def test_a_booking_takes_everyones_time_and_releases_the_rest(ada, grace, alan):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace, alan])

    booking = book_one_off(panel, "15:00")

    assert booking.people == [ada, alan, grace]
    assert ledger() == [(handle, booking.pk, "booking", half_hour("15:00")) for handle in ("ada", "alan", "grace")]
    assert list(Booking.objects.taking_part(alan)) == [booking]


def test_an_unheld_time_at_which_a_cohost_is_busy_is_not_offered(ada, grace):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace], hold_times=False)
    book_event_type(grace, "15:00")

    assert offered(panel) == [half_hour("14:00")]


def test_cancelling_frees_everyones_time(ada, grace, alan):
    booking = book_one_off(make_one_off(ada, "15:00", cohosts=[grace, alan]), "15:00")

    cancel(booking, by=Canceller.INVITEE, now=NOW)

    assert BusyTime.objects.count() == 0


def test_withdrawing_and_deleting_free_everyones_time(ada, grace, alan):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace, alan])
    withdraw_time(time_of(panel, "14:00"), by=ada, now=NOW)
    assert ledger() == [(handle, panel.pk, "hold", half_hour("15:00")) for handle in ("ada", "alan", "grace")]

    delete_one_off(panel, by=ada, now=NOW)

    assert ledger() == []


def test_a_cohost_who_deletes_their_account_is_left_out(ada, grace, alan):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace, alan])
    grace.delete()
    panel = OneOffMeeting.objects.get()

    booking = book_one_off(panel, "15:00")

    assert booking.people == [ada, alan]
    assert ledger() == [(handle, booking.pk, "booking", half_hour("15:00")) for handle in ("ada", "alan")]


def test_history_records_each_action_and_its_actor(ada, grace):
    panel = make_one_off(ada, "14:00", "15:00", cohosts=[grace], created_by=grace)
    withdraw_time(time_of(panel, "14:00"), by=ada, now=NOW)
    booking = book_one_off(panel, "15:00")
    cancel(booking, by=Canceller.ORGANIZER, actor=grace, now=NOW)
    delete_one_off(panel, by=ada, now=NOW)
    delete_one_off(panel, by=grace, now=NOW)

    written = Activity.objects.values_list("kind", "subject", "by", "by_name", "organizer", "name")
    assert list(written) == [
        ("created", panel.pk, grace.pk, "Grace Hopper", ada.pk, "Interview"),
        ("withdrawn", panel.pk, ada.pk, "Ada Lovelace", ada.pk, "Interview"),
        ("booked", booking.pk, None, "Dana Scott", ada.pk, "Interview"),
        ("cancelled", booking.pk, grace.pk, "Grace Hopper", ada.pk, "Interview"),
        ("deleted", panel.pk, ada.pk, "Ada Lovelace", ada.pk, "Interview"),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_creating_makes_the_same_number_of_queries(ada, grace, alan, mary, number, django_assert_num_queries):
    let_meet(ada, grace, alan, mary)
    # As without cohosts, plus their names and who can meet. All emails are recorded and queued together.
    with django_assert_num_queries(19):
        make_one_off(ada, "15:00", cohosts=[grace, alan, mary][:number])
