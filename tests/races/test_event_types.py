"""Event types saved in several tabs at once, each request with its own thread and connection."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from scheduling.availability.ledger import lock_organizers
from scheduling.models import EventType
from tests.support.browsers import browser_of
from tests.support.times import NOW

pytestmark = pytest.mark.django_db(transaction=True)
TABS = 6


def typed(name):
    return {
        "name": name,
        "duration": "30",
        "location_kind": "ask_invitee",
        "before_buffer": "0",
        "after_buffer": "0",
        "minimum_notice": "0",
        "booking_window": "60",
        "start_increment": "30",
    }


def post(browser, address, data):
    try:
        return browser.post(address, data)
    finally:
        connection.close()


def post_at_once(user, requests):
    """Return the responses to requests that are all under way, each from its own tab, before any of them can write."""
    tabs = [browser_of(user) for _ in requests]
    with ThreadPoolExecutor(len(requests)) as pool:
        with transaction.atomic():
            lock_organizers([user])
            under_way = [pool.submit(post, tab, *request) for tab, request in zip(tabs, requests, strict=True)]
            wait_for_waiters(len(requests))
        return [each.result(20) for each in under_way]


def wait_for_waiters(number):
    """Wait until so many other connections wait for the lock that this one holds."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] == number:
                return
    raise AssertionError(f"fewer than {number} came to wait")


def test_a_plan_with_one_event_type_gets_one_however_many_are_created_at_once(mary):
    mary.event_types.all().delete()

    answers = post_at_once(mary, [("/event-types/new/", typed(f"Lesson {n}")) for n in range(TABS)])

    assert sorted(answer.status_code for answer in answers) == [302] + [422] * (TABS - 1)
    assert mary.event_types.active().count() == mary.event_types.count() == 1


def test_a_plan_with_one_event_type_has_one_on_however_many_are_switched_on_at_once(mary):
    mary.event_types.all().delete()
    paused = [
        EventType.objects.create(
            organizer=mary,
            name=f"Lesson {n}",
            slug=f"lesson-{n}",
            duration=timedelta(minutes=30),
            created_at=NOW,
            paused_at=NOW,
        )
        for n in range(TABS)
    ]

    answers = post_at_once(mary, [(f"/event-types/{each.pk}/switch/", {"active": "on"}) for each in paused])

    assert [answer.status_code for answer in answers] == [302] * TABS
    assert mary.event_types.active().count() == 1


def test_one_address_created_at_once_is_created_once_and_otherwise_a_wrong_field(ada):
    answers = post_at_once(ada, [("/event-types/new/", typed("Lesson"))] * TABS)

    refused = [answer for answer in answers if answer.status_code == 422]
    assert sorted(answer.status_code for answer in answers) == [302] + [422] * (TABS - 1)
    assert [answer.context["form"].errors for answer in refused] == [
        {"slug": ["Another of your event types has this address."]}
    ] * (TABS - 1)
    assert ada.event_types.filter(slug="lesson").count() == 1
