"""Many bookings at once, for which the same calendars are asked, while those are read, disconnected or silent."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from oneoff.models import SingleUseLink
from scheduling.bookings.book import book
from scheduling.bookings.checking import check_calendars
from scheduling.bookings.offers import EventTypeOffer, SlotTaken
from scheduling.calendars.connecting import disconnect
from scheduling.calendars.models import Connection, ConnectionKind, OutsideBusy
from scheduling.calendars.providers.registry import PROVIDERS
from scheduling.calendars.reading import Failure, OutsideTime, Reading
from scheduling.calendars.refreshing import recheck
from scheduling.calendars.refreshing.refresh import refresh
from scheduling.models import Booking
from tests.factories import half_hour, make_one_off, make_round_robin, offer_of, on_tuesday, team_offer_of, time_of
from tests.races.audit import assert_books_balance
from tests.races.racing import race
from tests.races.test_one_link import make_invitee
from tests.support.calendars import make_calendar
from tests.support.providers import failed, reading
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = range(3)
BOOKERS = 20
MINUTE = timedelta(minutes=1)
TEN, ELEVEN = half_hour("10:00"), half_hour("11:00")
FREE, BUSY, SILENCE = Reading(busy=()), Reading(busy=(OutsideTime(TEN),)), failed(Failure.UNREACHABLE)


@dataclass
class Slow:
    """Implements `Provider`. Gives no answer before all that are expected were asked for."""

    barrier: Barrier
    on_check: Reading | Exception = FREE
    answers: dict = field(default_factory=dict)

    def check(self, account, remote, period, owner, *, state, patience):
        self.barrier.wait(30)
        if isinstance(self.on_check, Exception):
            raise self.on_check
        return self.on_check

    def read(self, account, remote, window, owner, *, state, patience):
        self.barrier.wait(30)
        return self.answers[window.end - timedelta(days=400)]


@pytest.fixture
def slow(monkeypatch):
    """Return a function that lets the servers of this test wait for as many requests."""
    # The machine can be busy: nobody gives up before all have asked.
    monkeypatch.setattr(recheck, "PATIENCE", timedelta(seconds=40))

    def expect(requests, **answers):
        provider = Slow(Barrier(requests), **answers)
        monkeypatch.setitem(PROVIDERS, ConnectionKind.FEED, provider)

    return expect


def booker(offer, slot_value, number):
    """Book as the booking page does: ask all calendars, and then book under locks."""
    slot = offer.slot(slot_value)

    def act():
        check_calendars(offer, slot, now=NOW)
        return book(offer, slot, make_invitee(number), now=NOW)

    return act


def event_type_booker(person, number):
    return booker(EventTypeOffer(person.event_types.get(slug="intro")), on_tuesday("10:00").isoformat(), number)


def one_off_booker(person, number):
    one_off = make_one_off(person, "10:00", "12:00", hold_times=False)
    return booker(offer_of(one_off), str(time_of(one_off, "10:00").pk), number)


def rows():
    return [row.period for row in OutsideBusy.objects.order_by("start")]


@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_bookings_of_one_time_with_a_slow_calendar_make_one(ada, slow, attempt):
    make_calendar(ada, read_at=NOW - MINUTE)
    slow(BOOKERS)

    outcome = race([event_type_booker(ada, number) for number in range(BOOKERS)])

    assert outcome.won == [Booking.objects.get()]
    assert outcome.lost == {SlotTaken: BOOKERS - 1}
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_bookings_of_a_time_that_is_taken_outside_make_none(ada, slow, attempt):
    make_calendar(ada, read_at=NOW - MINUTE)
    slow(BOOKERS, on_check=BUSY)

    outcome = race([event_type_booker(ada, number) for number in range(BOOKERS)])

    assert (outcome.won, outcome.lost) == ([], {SlotTaken: BOOKERS})
    assert rows() == [TEN]
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_many_bookings_while_calendars_are_silent_make_one(ada, slow, attempt):
    calendars = [make_calendar(ada, read_at=NOW - MINUTE) for _ in range(3)]
    slow(BOOKERS * len(calendars), on_check=SILENCE)

    outcome = race([event_type_booker(ada, number) for number in range(BOOKERS)])

    assert outcome.won == [Booking.objects.get()]
    assert outcome.lost == {SlotTaken: BOOKERS - 1}
    for calendar in calendars:
        calendar.refresh_from_db()
        assert (calendar.next_try_at, calendar.queued_at) == (NOW, NOW)
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_one_time_of_event_types_one_offs_and_a_round_robin_is_given_once_to_each_host(
    organization, ada, alan, slow, attempt
):
    round_robin = make_round_robin(organization, ada, alan)
    for person in (ada, alan):
        make_calendar(person, read_at=NOW - MINUTE)
    start = on_tuesday("10:00").isoformat()
    bookers = [
        *(event_type_booker(ada, number) for number in range(5)),
        *(one_off_booker(ada, number) for number in range(5, 10)),
        *(booker(team_offer_of(round_robin), start, number) for number in range(10, BOOKERS)),
    ]
    # The round robin asks the calendars of both hosts.
    slow(10 + 2 * 10)

    outcome = race(bookers)

    bookings = list(Booking.objects.all())
    assert {each.pk for each in outcome.won} == {each.pk for each in bookings}
    assert sorted(each.organizer.handle for each in bookings) == ["ada", "alan"]
    assert {each.period for each in bookings} == {TEN}
    assert outcome.lost.total() == BOOKERS - 2
    one_offs = [each for each in bookings if each.event_type is None]
    assert SingleUseLink.objects.exclude(closed_at=None).count() == len(one_offs)
    assert_books_balance()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_bookings_while_the_calendar_is_read_keep_its_rows_merged(ada, slow, attempt):
    calendar = make_calendar(ada, ELEVEN, read_at=NOW - MINUTE, next_try_at=NOW)
    bookers = [event_type_booker(ada, number) for number in range(8)]
    slow(len(bookers) + 2, on_check=BUSY, answers={NOW: reading(TEN, ELEVEN), NOW + MINUTE: reading(TEN)})

    outcome = race(
        [*bookers, *(partial(refresh, calendar.pk, now=NOW + minutes * MINUTE) for minutes in range(2))],
    )

    assert outcome.lost == {SlotTaken: len(bookers)}
    # Readings that began before an answer was added are discarded.
    assert rows() in ([TEN], [TEN, ELEVEN])
    assert_books_balance()


@pytest.mark.parametrize("answer", [BUSY, FREE, SILENCE])
@pytest.mark.parametrize("attempt", ROUNDS)
def test_a_calendar_that_is_disconnected_while_it_is_asked_leaves_nothing(ada, slow, attempt, answer):
    calendar = make_calendar(ada, read_at=NOW - MINUTE)
    bookers = [event_type_booker(ada, number) for number in range(8)]
    slow(len(bookers) + 1, on_check=answer)
    provider = PROVIDERS[ConnectionKind.FEED]

    def leave():
        provider.barrier.wait(30)
        disconnect(calendar.connection, now=NOW)

    outcome = race([leave, *bookers])

    assert not Connection.objects.exists()
    assert rows() == []
    assert outcome.lost.total() == outcome.lost[SlotTaken]
    assert Booking.objects.count() == len(outcome.won) - 1 <= 1
    assert answer is BUSY or Booking.objects.count() == 1
    assert_books_balance()
