"""Races for one handle: of people, of an organization, and of lookalikes."""

import pytest
from django.db import transaction

from caledee.accounts.handles.register import HandleTaken, take_handle
from caledee.accounts.models import FormerHandle, Organization, User
from tests.caledee.account_pages.typed import typed
from tests.races.racing import race
from tests.races.test_one_link import ROUNDS
from tests.support.browsers import browser_of
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def taker(bearer, handle):
    def act():
        try:
            with transaction.atomic():
                take_handle(bearer, handle, now=NOW)
        except HandleTaken:
            return "refused"
        return bearer.pk

    return act


def sender(person, handle):
    """Send the settings form as a signed-in user."""
    browser = browser_of(person)
    return lambda: browser.post("/settings/", typed(person, handle=handle)).status_code


@pytest.mark.parametrize("attempt", ROUNDS)
def test_of_several_who_take_one_handle_at_once_exactly_one_gets_it(ada, grace, alan, mary, organization, attempt):
    bearers = [ada, grace, alan, mary, organization]

    outcome = race([taker(bearer, "countess") for bearer in bearers])

    assert sorted(str(won) == "refused" for won in outcome.won) == [False, True, True, True, True]
    having = [*User.objects.filter(handle="countess"), *Organization.objects.filter(handle="countess")]
    assert [bearer.pk for bearer in having] == [won for won in outcome.won if won != "refused"]
    assert FormerHandle.objects.count() == 1


@pytest.mark.parametrize("attempt", ROUNDS)
def test_of_handles_that_look_the_same_one_is_given(ada, grace, mary, attempt):
    outcome = race([taker(ada, "lol-one"), taker(grace, "l0l-one"), taker(mary, "1o1-one")])

    assert sorted(str(won) == "refused" for won in outcome.won) == [False, True, True]


@pytest.mark.parametrize("attempt", ROUNDS)
def test_forms_sent_at_once_are_each_saved_or_refused(ada, grace, mary, attempt):
    outcome = race([sender(person, "countess") for person in (ada, grace, mary)])

    assert sorted(outcome.won) == [302, 422, 422]
    assert User.objects.filter(handle="countess").count() == 1


@pytest.mark.parametrize("attempt", ROUNDS)
def test_people_who_exchange_their_handles_at_once_both_keep_theirs(ada, grace, attempt):
    outcome = race([taker(ada, "grace"), taker(grace, "ada")])

    assert outcome.won == ["refused", "refused"]
    assert (User.objects.get(pk=ada.pk).handle, User.objects.get(pk=grace.pk).handle) == ("ada", "grace")
