"""Races for the hosts of an organization's event types: in turn, together, and against their other meetings."""

from functools import partial

import pytest

from scheduling.bookings.book import UNKNOWN_SENDER, Sender, book, cancel, reschedule
from scheduling.bookings.offers import OfferClosed, SlotTaken
from scheduling.bookings.team_offers import offer_to_move
from scheduling.event_type_rules import details_of
from scheduling.event_types import change_event_type, delete_event_type
from scheduling.models import Booking, BusyKind, BusyTime, Canceller, EventType
from tests.factories import DANAS_FORM, book_team, make_collective, make_round_robin, on_tuesday, team_offer_of
from tests.races.racing import Attempt, race
from tests.races.test_one_link import ROUNDS, event_type_booker, make_invitee
from tests.scheduling.availability.ledger_model import overlaps_in_database
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def team_booker(event_type: EventType, clock: str, number: int, sender: Sender = UNKNOWN_SENDER) -> Attempt:
    """An invitee with the page open, ready to book."""
    offer = team_offer_of(event_type)
    return partial(
        book, offer, offer.slot(on_tuesday(clock).isoformat()), make_invitee(number), sender=sender, now=NOW
    )


def assert_nobody_is_in_two_meetings() -> None:
    """Check also that the ledger holds the time of all participants, and nothing else."""
    assert overlaps_in_database() == 0
    taking_part = [
        (person.pk, booking.pk, booking.start, booking.end)
        for booking in Booking.objects.confirmed()
        for person in booking.people
    ]
    ledger = BusyTime.objects.filter(kind=BusyKind.BOOKING).values_list("organizer_id", "claim", "start", "end")
    assert sorted(ledger) == sorted(taking_part)
    for person, booking, start, end in taking_part:
        others = [each for each in taking_part if each[0] == person and each[1] != booking]
        assert [each for each in others if each[2] < end and start < each[3]] == []


@pytest.mark.parametrize("attempt", ROUNDS)
def test_two_of_many_at_one_time_get_a_host_each(organization, ada, alan, attempt):
    event_type = make_round_robin(organization, ada, alan)

    outcome = race([team_booker(event_type, "10:00", number) for number in range(6)])

    assert (len(outcome.won), outcome.lost) == (2, {SlotTaken: 4})
    assert {booking.organizer for booking in Booking.objects.all()} == {ada, alan}
    assert_nobody_is_in_two_meetings()


@pytest.mark.parametrize("make", [make_round_robin, make_collective])
@pytest.mark.parametrize("attempt", ROUNDS)
def test_the_same_form_many_times_at_once_gets_one_booking(organization, ada, alan, attempt, make):
    event_type = make(organization, ada, alan)

    outcome = race([team_booker(event_type, "10:00", 1, DANAS_FORM) for _ in range(6)])

    assert outcome.won == [Booking.objects.get()] * 6
    assert_nobody_is_in_two_meetings()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_one_of_many_at_one_time_gets_all_the_hosts(organization, ada, alan, attempt):
    event_type = make_collective(organization, ada, alan)

    outcome = race([team_booker(event_type, "10:00", number) for number in range(6)])

    assert (len(outcome.won), outcome.lost) == (1, {SlotTaken: 5})
    assert Booking.objects.get().people == [ada, alan]
    assert_nobody_is_in_two_meetings()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_teams_and_one_on_ones_share_the_time_of_their_people(organization, ada, grace, alan, attempt):
    together = make_collective(organization, alan, ada, slug="together")
    in_turn = make_round_robin(organization, ada, grace, alan, slug="in-turn")

    outcome = race(
        [
            *(team_booker(together, "10:00", number) for number in range(2)),
            *(team_booker(in_turn, "10:00", number) for number in range(2, 5)),
            *(event_type_booker(host, "10:00", make_invitee(5)) for host in (ada, alan)),
        ]
    )

    assert outcome.lost == {SlotTaken: 7 - len(outcome.won)}
    assert sum(len(booking.people) for booking in Booking.objects.all()) == 2
    assert_nobody_is_in_two_meetings()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_hosts_who_change_while_many_book_are_never_double_booked(organization, ada, grace, alan, attempt):
    event_type = make_collective(organization, ada, alan)
    changes = [
        partial(
            change_event_type,
            EventType.objects.get(pk=event_type.pk),
            details_of(event_type),
            hosts=hosts,
            active=True,
            now=NOW,
        )
        for hosts in ([alan, ada], [alan])
    ]
    bookers = [team_booker(event_type, clock, number) for number, clock in enumerate(["10:00", "10:00", "10:30"])]

    outcome = race([*bookers, *changes])

    assert set(outcome.lost) <= {SlotTaken}
    assert Booking.objects.count() == 2
    assert_nobody_is_in_two_meetings()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_deleting_while_people_book_move_and_cancel_ends_without_waiting_in_a_circle(organization, ada, alan, attempt):
    event_type = make_collective(organization, ada, alan)
    first, second = book_team(event_type, "09:00", make_invitee(1)), book_team(event_type, "09:30", make_invitee(2))

    outcome = race(
        [
            move_of_team(first, "11:00"),
            partial(cancel, second, by=Canceller.INVITEE, now=NOW),
            team_booker(event_type, "10:00", 3),
            partial(delete_event_type, EventType.objects.get(pk=event_type.pk)),
        ]
    )

    assert set(outcome.lost) <= {OfferClosed}
    assert not EventType.objects.filter(pk=event_type.pk).exists()
    assert_nobody_is_in_two_meetings()


def move_of_team(booking: Booking, clock: str) -> Attempt:
    offer = offer_to_move(booking, booking.event_type)
    return partial(reschedule, booking, offer, offer.slot(on_tuesday(clock).isoformat()), now=NOW)
