"""Booking and moving meetings with an organization's hosts, together or in turn."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from caledee.accounts.plans import Plan
from caledee.timekeeping.periods import Period
from scheduling.bookings.book import book, cancel, reschedule
from scheduling.bookings.offers import Invitee, OfferClosed, SlotTaken
from scheduling.bookings.team_offers import offer_to_move, team_offer
from scheduling.event_type_rules import details_of
from scheduling.event_types import change_event_type, delete_event_type
from scheduling.models import Booking, BusyTime, Canceller, EventType, EventTypeHost, WeeklyHours
from tests.factories import (
    DANA,
    DANAS_FORM,
    EDSGER,
    book_event_type,
    book_team,
    clocks_on_tuesday,
    half_hour,
    ledger,
    make_collective,
    make_one_off,
    make_round_robin,
    on_tuesday,
    team_offer_of,
)
from tests.support.tables import all_rows
from tests.support.times import NOW

AFTERNOON = ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"]
MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00"]


def slot_at(offer, clock):
    return offer.slot(on_tuesday(clock).isoformat())


def move(booking, clock, *, now=NOW):
    booking = Booking.objects.get(pk=booking.pk)
    offer = offer_to_move(booking, booking.event_type)
    return reschedule(booking, offer, slot_at(offer, clock), now=now)


def test_collective_is_open_where_all_are_free_of_bookings_and_holds(organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    assert clocks_on_tuesday(team_offer_of(event_type)) == AFTERNOON

    book_event_type(ada, "14:30")
    make_one_off(grace, "16:00")

    assert clocks_on_tuesday(team_offer_of(event_type)) == ["14:00", "15:00", "15:30", "16:30"]


def test_collective_booking_takes_everyones_time_and_cancelling_frees_it(organization, ada, grace):
    event_type = make_collective(organization, grace, ada)

    booking = book_team(event_type, "15:00")

    assert (booking.organizer, list(booking.cohosts.all())) == (grace, [ada])
    assert ledger() == [(name, booking.pk, "booking", half_hour("15:00")) for name in ("ada", "grace")]
    cancel(booking, by=Canceller.INVITEE, now=NOW)
    assert ledger() == []


def test_round_robin_is_open_where_any_is_free(organization, ada, grace, alan):
    event_type = make_round_robin(organization, ada, alan)
    of_alan_alone = [f"{hour:02}:{minute:02}" for hour in range(3, 9) for minute in (0, 30)][1:]
    of_ada_alone = [f"{hour:02}:{minute:02}" for hour in range(11, 17) for minute in (0, 30)][1:]
    assert clocks_on_tuesday(team_offer_of(event_type)) == [*of_alan_alone, *MORNING, *of_ada_alone]

    book_event_type(ada, "09:00")
    book_event_type(ada, "10:00")
    make_one_off(alan, "10:00")

    assert set(of_alan_alone + MORNING + of_ada_alone) - set(clocks_on_tuesday(team_offer_of(event_type))) == {"10:00"}


def test_round_robin_booking_takes_the_time_of_one_alone(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)

    booking = book_team(event_type, "10:00")

    assert (booking.organizer, list(booking.cohosts.all())) == (ada, [])
    assert ledger() == [("ada", booking.pk, "booking", half_hour("10:00"))]


def test_two_invitees_of_one_time_get_a_host_each_and_the_third_none(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)

    bookings = [book_team(event_type, "10:00", invitee) for invitee in (DANA, EDSGER)]

    assert [booking.organizer for booking in bookings] == [ada, alan]
    with pytest.raises(SlotTaken):
        book_team(event_type, "10:00", Invitee(name="Grete", email="grete@example.com", time_zone="Europe/Berlin"))


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_the_same_submission_again_is_answered_with_the_booking_it_made(organization, ada, alan, make):
    event_type = make(organization, ada, alan)
    booking = book_team(event_type, "10:00", DANA, sender=DANAS_FORM)

    assert book_team(event_type, "10:00", DANA, sender=DANAS_FORM, now=NOW + timedelta(minutes=5)) == booking
    assert Booking.objects.count() == 1


def test_same_details_from_elsewhere_get_what_anyone_would_get(organization, ada, alan):
    """The result is another host while there is one, then none: it does not reveal that Dana has booked."""
    event_type = make_round_robin(organization, ada, alan)
    first = book_team(event_type, "10:00", DANA, sender=DANAS_FORM)

    second = book_team(event_type, "10:00", DANA)

    assert (first.organizer, second.organizer) == (ada, alan)
    with pytest.raises(SlotTaken):
        book_team(event_type, "10:00", DANA)


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_former_members_and_disabled_accounts_no_longer_host(organization, ada, grace, alan, make):
    event_type = make(organization, ada, grace, alan)
    alan.memberships.all().delete()
    grace.is_active = False
    grace.save()

    assert team_offer_of(event_type).people == [ada]
    assert book_team(event_type, "12:00").people == [ada]


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_without_any_host_there_is_no_offer(organization, ada, make):
    event_type = make(organization, ada)
    offer = team_offer_of(event_type)
    ada.memberships.all().delete()

    with pytest.raises(OfferClosed):
        team_offer_of(event_type)
    with pytest.raises(OfferClosed):
        book(offer, slot_at(offer, "12:00"), DANA, now=NOW)


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
@pytest.mark.parametrize("change", [{"paused_at": NOW}, None])
def test_inactive_and_paused_event_types_can_be_neither_booked_nor_moved(organization, ada, make, change):
    event_type = make(organization, ada)
    booking = book_team(event_type, "12:00")
    offer, other = team_offer_of(event_type), offer_to_move(booking, event_type)
    if change:
        EventType.objects.filter(pk=event_type.pk).update(**change)
    else:
        organization.plan = Plan.PRO
        organization.save()
    before = all_rows()

    with pytest.raises(OfferClosed):
        book(offer, slot_at(offer, "13:00"), DANA, now=NOW)
    with pytest.raises(OfferClosed):
        reschedule(booking, other, slot_at(other, "13:00"), now=NOW)
    assert all_rows() == before


def test_host_who_is_added_while_someone_books_is_not_double_booked(organization, ada, grace):
    event_type = make_collective(organization, ada)
    offer = team_offer_of(event_type)
    book_event_type(grace, "15:00")
    change_event_type(event_type, details_of(event_type), hosts=[ada, grace], active=True, now=NOW)

    with pytest.raises(SlotTaken):
        book(offer, slot_at(offer, "14:00"), DANA, now=NOW)
    assert book_team(event_type, "14:00", DANA).people == [ada, grace]


def test_round_robin_waits_with_a_host_who_is_added_while_someone_books(organization, ada, alan):
    event_type = make_round_robin(organization, ada)
    offer = team_offer_of(event_type)
    change_event_type(event_type, details_of(event_type), hosts=[alan, ada], active=True, now=NOW)

    assert book(offer, slot_at(offer, "10:00"), DANA, now=NOW).organizer == ada


def test_moved_collective_takes_everyone_along(organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    booking = book_team(event_type, "14:00")
    book_event_type(grace, "15:00")

    with pytest.raises(SlotTaken):
        move(booking, "15:00")
    moved = move(booking, "14:30")

    assert moved.people == [ada, grace]
    rows = [
        (row.organizer, row.period) for row in BusyTime.objects.filter(claim=booking.pk).order_by("organizer__name")
    ]
    assert rows == [(ada, half_hour("14:30")), (grace, half_hour("14:30"))]


def test_moved_round_robin_stays_with_its_host(organization, ada, alan):
    event_type = make_round_robin(organization, ada, alan)
    booking = book_team(event_type, "09:00")
    offer = offer_to_move(booking, event_type)
    book_event_type(ada, "10:00")

    assert clocks_on_tuesday(offer)[:4] == ["09:30", "10:30", "11:00", "11:30"]
    assert move(booking, "11:30").organizer == ada
    with pytest.raises(SlotTaken):
        move(booking, "10:00")  # alan is free then, ada is not


def test_moved_booking_keeps_its_people_after_the_hosts_change(organization, ada, grace, alan):
    event_type = make_collective(organization, ada, grace)
    booking = book_team(event_type, "14:00")
    change_event_type(event_type, details_of(event_type), hosts=[alan], active=True, now=NOW)

    assert move(booking, "15:00").people == [ada, grace]


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
@pytest.mark.parametrize("gone", ["left", "inactive"])
def test_booking_of_someone_who_leaves_while_it_is_moved_stays(organization, ada, make, gone):
    event_type = make(organization, ada)
    booking = book_team(event_type, "12:00")
    offer = offer_to_move(booking, event_type)
    if gone == "left":
        ada.memberships.all().delete()
    else:
        type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    before = all_rows()

    with pytest.raises(OfferClosed):
        reschedule(booking, offer, slot_at(offer, "13:00"), now=NOW)
    assert all_rows() == before


def test_collective_of_whom_one_leaves_while_it_is_moved_stays(organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    booking = book_team(event_type, "14:00")
    offer = offer_to_move(booking, event_type)
    grace.memberships.all().delete()
    before = all_rows()

    with pytest.raises(OfferClosed):
        reschedule(booking, offer, slot_at(offer, "15:00"), now=NOW)
    assert all_rows() == before


def test_booking_of_someone_who_left_is_not_moved(organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    booking = book_team(event_type, "14:00")
    grace.memberships.all().delete()

    with pytest.raises(OfferClosed):
        move(booking, "15:00")


def test_booking_window_ends_with_the_first_of_those_who_meet_and_the_last_of_those_in_turn(
    organization, ada, grace, alan
):
    settings = {"booking_window": timedelta(days=8)}
    together = team_offer_of(make_collective(organization, ada, grace, alan, **settings))
    in_turn = team_offer_of(make_round_robin(organization, ada, grace, alan, slug="turn", **settings))

    # Monday 23 November and eight days: the first of December, which ends in Kolkata first and in New York last.
    assert together.bookable_until(now=NOW) == on_tuesday("18:30")
    assert in_turn.bookable_until(now=NOW) == on_tuesday("00:00") + timedelta(hours=29)


def test_deleting_leaves_the_bookings(organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    booking = book_team(event_type, "14:00")

    delete_event_type(event_type)

    booking.refresh_from_db()
    assert (booking.event_type, booking.people) == (None, [ada, grace])
    assert (EventTypeHost.objects.count(), BusyTime.objects.count()) == (0, 2)


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_finding_slots_takes_as_many_queries_for_one_host_as_for_three(
    organization, ada, grace, alan, make, django_assert_num_queries
):
    day = Period.lasting(on_tuesday("00:00"), timedelta(days=1))
    for number, hosts in enumerate([[ada], [ada, grace, alan]]):
        event_type = make(organization, *hosts, slug=f"team-{number}")
        # The hosts with their schedules, the weekly hours, the overrides; busy time.
        with django_assert_num_queries(4):
            team_offer(event_type).open_slots(day, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "one_on_one"},
        {"kind": "collective", "of": "person"},
        {"kind": "round_robin", "of": "both"},
        {"kind": "collective", "of": "nobody"},
        {"kind": "one_on_one", "of": "both"},
        {"kind": "something"},
    ],
)
def test_database_holds_whose_an_event_type_is(organization, ada, wrong):
    owners = {"person": {"organizer": ada}, "both": {"organizer": ada, "organization": organization}, "nobody": {}}
    owner = owners.get(wrong.get("of"), {"organization": organization})
    event_type = EventType(
        kind=wrong["kind"], name="Wrong", slug="wrong", duration=timedelta(minutes=30), created_at=NOW, **owner
    )

    with pytest.raises(IntegrityError, match="event_type_of_person_or_organization"), transaction.atomic():
        event_type.save(force_insert=True)


def test_database_holds_that_nobody_is_twenty_first_or_twice(organization, ada, grace):
    event_type = make_collective(organization, ada)

    for user, position, name in [
        (grace, 20, "position_range"),
        (grace, 0, "position_unique"),
        (ada, 1, "host_unique"),
    ]:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            EventTypeHost.objects.create(event_type=event_type, user=user, position=position)


def test_after_the_booking_window_of_one_host_nothing_is_open_together_and_the_others_go_on(organization, ada, alan):
    for person in (ada, alan):
        person.schedule.weekly_hours.all().delete()
        WeeklyHours.objects.create(schedule=person.schedule, weekday=1, start=time(0), end=time(0))
    settings = {"booking_window": timedelta(days=8)}
    together = team_offer_of(make_collective(organization, ada, alan, **settings))
    in_turn = team_offer_of(make_round_robin(organization, ada, alan, slug="turn", **settings))

    def open_between(offer, *clocks):
        slots = offer.open_slots(Period(*map(on_tuesday, clocks)), now=NOW)
        return [f"{slot.period.start:%H:%M}" for slot in slots]

    # The first of December ends in Kolkata at 18:30.
    assert open_between(together, "17:30", "20:00") == ["17:30", "18:00"]
    assert open_between(in_turn, "17:30", "20:00") == ["17:30", "18:00", "18:30", "19:00", "19:30"]
    assert open_between(together, "18:30", "20:00") == []
    assert open_between(in_turn, "18:30", "20:00") == ["18:30", "19:00", "19:30"]
