"""Races of deleting an account against bookings, and against other deletions."""

from functools import partial

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.account_pages.deletion import SoleOwner, close_account, erase_account
from caledee.accounts.models import Role, User
from oneoff.models import OneOffMeeting
from scheduling.bookings.book import cancel
from scheduling.bookings.offers import OfferClosed
from scheduling.models import Booking, BusyTime, Canceller
from tests.factories import book_event_type, make_one_off
from tests.races.racing import race
from tests.races.test_one_link import ROUNDS, WRITERS, booker, event_type_booker, make_invitee
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
CLOCKS = ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]


def told():
    """Return the bookings whose invitees are about to get a cancellation."""
    jobs = ProcrastinateJob.objects.filter(task_name="scheduling.mail_cancellation", args__recipient="invitee")
    keys = {str(key) for key in Booking.objects.values_list("pk", flat=True)}
    return {args["booking_id"] for args in jobs.values_list("args", flat=True)} & keys


def closer(person):
    def act():
        try:
            close_account(person, now=NOW)
        except SoleOwner:
            return "sole owner"
        return "closed"

    return act


@pytest.mark.parametrize("attempt", ROUNDS)
def test_invitees_who_book_while_the_account_closes_are_refused_or_notified(ada, attempt):
    booked_before = book_event_type(ada, "16:00")
    bookers = [event_type_booker(ada, clock, make_invitee(n)) for n, clock in enumerate(CLOCKS)]

    outcome = race([*bookers[:3], closer(ada), *bookers[3:]])

    assert "closed" in outcome.won
    made = [won for won in outcome.won if isinstance(won, Booking)]
    assert len(made) + outcome.lost[OfferClosed] == len(CLOCKS)
    assert not Booking.objects.confirmed().exists()
    assert told() == {str(each.pk) for each in [*made, booked_before]}
    assert not BusyTime.objects.exists()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_invitees_who_book_by_link_while_the_account_closes_are_refused_or_notified(ada, attempt):
    one_offs = [make_one_off(ada, clock) for clock in CLOCKS[:4]]

    bookers = [
        booker(each, clock, make_invitee(n)) for n, (each, clock) in enumerate(zip(one_offs, CLOCKS, strict=False))
    ]

    outcome = race([*bookers, closer(ada)])

    assert "closed" in outcome.won
    made = [won for won in outcome.won if isinstance(won, Booking)]
    assert len(made) == OneOffMeeting.objects.count()
    assert told() == {str(each.pk) for each in made}
    assert not Booking.objects.confirmed().exists()
    assert not BusyTime.objects.exists()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_invitees_who_cancel_at_the_same_time_are_notified_once(ada, attempt):
    bookings = [book_event_type(ada, clock, make_invitee(n)) for n, clock in enumerate(CLOCKS[:4])]

    race([*(partial(cancel, each, by=Canceller.INVITEE, now=NOW) for each in bookings), closer(ada)])

    assert set(Booking.objects.values_list("sequence", flat=True)) == {1}
    assert not BusyTime.objects.exists()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_two_owners_who_leave_at_once_leave_one_owner(ada, grace, alan, attempt):
    grace.memberships.update(role=Role.OWNER)

    outcome = race([closer(ada), closer(grace)])

    assert sorted(map(str, outcome.won)) == ["closed", "sole owner"]
    assert [each.role for each in alan.organizations.get().memberships.order_by("role")] == ["member", "owner"]


@pytest.mark.parametrize("attempt", ROUNDS)
def test_cohosts_of_each_other_who_leave_at_once_do_not_deadlock(ada, grace, mary, attempt):
    grace.memberships.all().delete()
    ada.memberships.all().delete()
    for organizer, cohosts in ((ada, [grace, mary]), (grace, [ada, mary]), (mary, [ada, grace])):
        clock = {"ada": "10:00", "grace": "15:00", "mary": "21:00"}[organizer.handle]
        book_event_type(organizer, clock).cohosts.set(cohosts)

    outcome = race([closer(person) for person in (ada, grace, mary, ada)])

    assert outcome.won == ["closed"] * 4
    assert not User.objects.filter(is_active=True).exists()
    assert not Booking.objects.confirmed().exists()


@pytest.mark.parametrize("attempt", ROUNDS)
def test_erasing_at_once_erases_once(ada, attempt):
    key = ada.pk
    close_account(ada, now=NOW)

    outcome = race([partial(erase_account, key, now=NOW) for _ in range(WRITERS)])

    assert sorted(map(bool, outcome.won)) == [False] * (WRITERS - 1) + [True]
    assert not User.objects.exists()
