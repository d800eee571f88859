"""An invitee's pages send the same few queries for any number of meetings of the organizer."""

from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
import time_machine

from caledee.accounts.plans import Plan
from caledee.timekeeping.periods import Period
from scheduling.models import BusyKind, BusyTime
from tests.factories import make_one_off, on_tuesday
from tests.support.calendars import make_calendar, make_connection
from tests.support.scripted import serving, silent
from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def keep_busy(organizer, number):
    """Take a minute each, early in the morning of 1 December and of following days."""
    starts = (on_tuesday("05:00") + timedelta(days=n // 200, minutes=n % 200) for n in range(number))
    BusyTime.objects.bulk_create(
        BusyTime(
            organizer=organizer, claim=uuid4(), kind=BusyKind.BOOKING, start=start, end=start + timedelta(minutes=1)
        )
        for start in starts
    )


@pytest.mark.parametrize("number", [1, 1000])
def test_the_page_of_an_event_type_asks_four_times(client, ada, django_assert_num_queries, number):
    keep_busy(ada, number)

    with django_assert_num_queries(4):
        response = client.get("/ada/intro/?date=2026-12-01&time_zone=Europe/London")

    assert response.content.count(b'class="slot"') == 16


@pytest.mark.parametrize(("plan", "queries"), [(Plan.PRO, 4), (Plan.FREE, 6)])
def test_a_plan_with_a_limit_asks_twice_more(client, mary, django_assert_num_queries, plan, queries):
    mary.plan = plan
    mary.save()

    with django_assert_num_queries(queries):
        assert client.get("/mary/intro/?date=2026-12-01&time_zone=Pacific/Auckland").status_code == 200


@pytest.mark.parametrize("number", [1, 1000])
def test_the_page_of_a_one_off_asks_five_times(client, ada, django_assert_num_queries, number):
    one_off = make_one_off(ada, "09:00", "10:00")
    keep_busy(ada, number)

    with django_assert_num_queries(5):
        response = client.get(one_off.link.get_absolute_url())

    assert response.content.count(b'class="slot"') == 2


def connect_calendars(organizer, number):
    """Each with 500 busy times, in the nights of 31 days."""
    for place in range(number):
        starts = [on_tuesday("00:00") + timedelta(days=n // 16, minutes=30 * (n % 16) + 5 * place) for n in range(500)]
        periods = [Period.lasting(start, timedelta(minutes=20)) for start in starts]
        make_calendar(organizer, *periods, name=str(place))


@pytest.mark.parametrize("number", [0, 3])
def test_connected_calendars_cost_the_page_of_an_event_type_no_query(client, ada, django_assert_num_queries, number):
    connect_calendars(ada, number)

    with django_assert_num_queries(4):
        response = client.get("/ada/intro/?date=2026-12-01&time_zone=Europe/London")

    assert response.content.count(b'class="slot"') == 16


@pytest.mark.parametrize("number", [0, 3])
def test_connected_calendars_cost_the_page_of_a_one_off_no_query(client, ada, django_assert_num_queries, number):
    one_off = make_one_off(ada, "09:00", "10:00")
    connect_calendars(ada, number)

    with django_assert_num_queries(5):
        assert client.get(one_off.link.get_absolute_url()).status_code == 200


def test_pages_send_no_request_to_calendars(client, ada, settings):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    one_off = make_one_off(ada, "09:00", "10:00")
    with serving(silent) as server:
        for name in ("Work", "Home", "Club"):
            connection = make_connection(ada, address=server.url(f"/{name}.ics"))
            # Long overdue, and so old that a booking would ask.
            make_calendar(ada, connection=connection, name=name, read_at=NOW - timedelta(minutes=30))

        for address in ("/ada/intro/?date=2026-12-01", one_off.link.get_absolute_url()):
            assert client.get(address).content.count(b'class="slot"') > 0

    assert server.connections == 0
