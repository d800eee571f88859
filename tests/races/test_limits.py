"""Limits under many requests at once, each on a database connection of its own, as several web processes have them."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from caledee.email.allowance import Place, claim_place
from caledee.email.models import EmailRecord
from caledee.limits.counting import Counted, Limit, seconds_to_wait
from caledee.limits.mailboxes import MOST_AN_HOUR, MailboxFull, take_place
from caledee.limits.models import MailboxTally, Tally
from scheduling.bookings.book import book, cancel, reschedule
from scheduling.bookings.offers import EventTypeOffer, Invitee, InviteeLimitReached, SlotTaken
from scheduling.bookings.team_offers import offer_to_move
from scheduling.models import Booking, Canceller, EventType
from tests.factories import book_event_type, make_collective, make_round_robin, on_tuesday, team_offer_of
from tests.races.racing import race
from tests.races.test_one_link import CLOCKS, event_type_booker, make_invitee
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
TEN = Counted(Limit("ten", 10, timedelta(minutes=1)), ("somebody",))
DANAS = ["dana@example.com", "Dana@Example.com", "dana+1@example.com", "dana+two@EXAMPLE.com"]


def dana(number: int) -> Invitee:
    return Invitee(name=f"Dana {number}", email=DANAS[number % len(DANAS)], time_zone="Europe/Paris")


def test_no_try_is_lost_and_none_counted_twice(settings):
    settings.RATE_LIMITS = True

    outcome = race([partial(seconds_to_wait, TEN, now=NOW) for _ in range(25)])

    assert Counter(outcome.won) == {0: 10, 60: 15}
    assert Tally.objects.get().count == 11


def test_a_window_that_is_over_begins_anew_once(settings):
    settings.RATE_LIMITS = True
    for _ in range(11):
        seconds_to_wait(TEN, now=NOW)

    outcome = race([partial(seconds_to_wait, TEN, now=NOW + timedelta(minutes=1)) for _ in range(25)])

    assert Counter(outcome.won) == {0: 10, 60: 15}


def test_a_mailbox_never_gets_more_emails_than_it_may_however_many_are_caused_at_once(settings):
    settings.RATE_LIMITS = True

    outcome = race(
        [partial(take_place, DANAS[number % len(DANAS)], now=NOW) for number in range(25)], proper=(MailboxFull,)
    )

    assert (len(outcome.won), outcome.lost) == (MOST_AN_HOUR, {MailboxFull: 25 - MOST_AN_HOUR})
    assert len(MailboxTally.objects.get().moments) == MOST_AN_HOUR


def test_bookings_of_many_pages_at_once_share_one_mailbox_and_workers_that_send(ada, grace, settings):
    """A refused booking takes no place, and emails that are sent later stay within the limit."""
    settings.RATE_LIMITS = True
    cancelled = [book_event_type(ada, clock, dana(n)) for n, clock in enumerate(["15:00", "15:30", "16:00"])]
    for booking in cancelled:
        cancel(booking, by=Canceller.INVITEE, now=NOW)
    waiting = EmailRecord.objects.filter(kind="cancelled", role="invitee")
    senders = [partial(claim_place, record, Place.WANTED, now=NOW) for record in waiting]
    bookers = [
        event_type_booker(person, clock, dana(number))
        for person, clocks in [(ada, CLOCKS[:8]), (grace, ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"])]
        for number, clock in enumerate(clocks)
    ]

    outcome = race([*senders, *bookers], proper=(MailboxFull,))

    ahead = Booking.objects.filter(cancelled_at=None).count()
    sent = EmailRecord.objects.filter(role="invitee", counted_at__isnull=False).count()
    assert sent == len(MailboxTally.objects.get().moments) == MOST_AN_HOUR
    assert ahead + outcome.lost[MailboxFull] == len(bookers)
    assert waiting.filter(over_limit=True).count() == outcome.won.count(False)
    assert 3 + ahead + outcome.won.count(True) == MOST_AN_HOUR


def test_one_person_gets_as_many_meetings_as_allowed_for_any_number_of_attempts(ada):
    ada.event_types.update(invitee_limit=3)

    outcome = race(
        [event_type_booker(ada, clock, dana(number)) for number, clock in enumerate(CLOCKS)],
        proper=(InviteeLimitReached,),
    )

    assert (len(outcome.won), outcome.lost) == (3, {InviteeLimitReached: len(CLOCKS) - 3})


@pytest.mark.parametrize("make", [make_collective, make_round_robin])
def test_the_limits_of_a_teams_event_type_hold_for_all_its_hosts_together(organization, ada, alan, make):
    event_type = make(organization, ada, alan, daily_limit=4, invitee_limit=2)
    clocks = CLOCKS[:6]
    offers = [team_offer_of(event_type) for _ in clocks]

    outcome = race(
        [
            partial(book, offer, offer.slot(on_tuesday(clock).isoformat()), invitee, now=NOW)
            for offer, clock, number in zip(offers, clocks, range(6), strict=True)
            for invitee in [dana(number) if number < 3 else make_invitee(number)]
        ],
        proper=(InviteeLimitReached, SlotTaken),
    )

    danas = Booking.objects.filter(invitee_email__istartswith="dana").count()
    assert (len(outcome.won), danas) in {(4, 1), (4, 2)}
    assert sum(outcome.lost.values()) == 2


def test_a_day_takes_as_many_as_it_may_and_those_moved_to_it_count(ada):
    ada.event_types.update(daily_limit=3)
    moving = [book_event_type_on_wednesday(ada, clock, number) for number, clock in enumerate(["09:00", "10:00"])]
    event_type = EventType.objects.get(organizer=ada)
    offers = [offer_to_move(Booking.objects.get(pk=each.pk), event_type) for each in moving]
    movers = [
        partial(reschedule, each, offer, offer.slot(on_tuesday(clock).isoformat()), now=NOW)
        for each, offer, clock in zip(moving, offers, ["14:00", "14:30"], strict=True)
    ]

    outcome = race([*movers, *(event_type_booker(ada, clock, make_invitee(n)) for n, clock in enumerate(CLOCKS[:8]))])

    assert (len(outcome.won), outcome.lost) == (3, {SlotTaken: 7})
    on_that_day = Booking.objects.confirmed().filter(start__date="2026-12-01")
    assert on_that_day.count() == 3

    cancel(on_that_day.first(), by=Canceller.INVITEE, now=NOW)
    again = race([event_type_booker(ada, clock, make_invitee(n)) for n, clock in enumerate(["15:00", "15:30"], 20)])
    assert (len(again.won), again.lost) == (1, {SlotTaken: 1})


def book_event_type_on_wednesday(organizer, clock, number):
    offer = EventTypeOffer(organizer.event_types.get(slug="intro"))
    start = on_tuesday(clock) + timedelta(days=1)
    return book(offer, offer.slot(start.isoformat()), make_invitee(50 + number), now=NOW)


def test_moving_does_not_count_as_another_booking(ada):
    ada.event_types.update(invitee_limit=1, daily_limit=1)
    booking = book_event_type(ada, "09:00")
    offer = offer_to_move(Booking.objects.get(pk=booking.pk), EventType.objects.get(organizer=ada))

    moved = reschedule(booking, offer, offer.slot(on_tuesday("11:00").isoformat()), now=NOW)

    assert moved.start == on_tuesday("11:00")
