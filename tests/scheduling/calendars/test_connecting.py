"""Connecting, choosing what counts, and disconnecting: what is stored, what is queued and what is refused."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from scheduling.calendars.connecting import (
    ADDRESS_NOT_ALLOWED,
    ADDRESS_REQUIRED,
    ALREADY_CONNECTED,
    NETWORK_NOT_ALLOWED,
    PASSWORD_REQUIRED,
    UNKNOWN_LIMIT,
    USERNAME_REQUIRED,
    choose,
    connect_caldav,
    connect_feed,
    disconnect,
    disconnect_all,
    read_now,
    search_again,
)
from scheduling.calendars.limits import MOST_CONNECTIONS, MOST_COUNTING, TOO_MANY_CONNECTIONS, TOO_MANY_COUNTING
from scheduling.calendars.models import ClosedPages, Connection, OutsideBusy, OutsideCalendar
from scheduling.calendars.providers.protocol import FoundCalendar
from scheduling.calendars.reading import Failure
from scheduling.calendars.refreshing.search import search
from scheduling.rules import Refused
from tests.factories import half_hour
from tests.support.calendars import FEED, make_calendar, make_connection
from tests.support.providers import failed
from tests.support.tables import all_rows
from tests.support.times import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SERVER = "https://cloud.example.com/remote.php/dav"


def jobs():
    """What is queued: task, queue, queueing lock and lock."""
    rows = ProcrastinateJob.objects.filter(queue_name="calendars").order_by("id")
    return [(job.task_name, job.queueing_lock, job.lock) for job in rows]


def refused(act):
    before = all_rows()
    with pytest.raises(Refused) as caught:
        act()
    assert all_rows() == before
    return [(refusal.field, refusal.sentence) for refusal in caught.value.refusals]


def test_a_calendar_address_is_searched_by_the_worker(ada):
    connection = connect_feed(ada, f"  {FEED} ", now=NOW)

    connection.refresh_from_db()
    assert (connection.person, connection.kind, connection.label) == (ada, "feed", "calendars.example.com")
    assert (connection.account.address, connection.account.username) == (FEED, "")
    assert (connection.connected_at, connection.searching_since, connection.found_at) == (NOW, NOW, None)
    key = f"connection:{connection.pk}"
    assert jobs() == [("calendars.search", key, "calendars:calendars.example.com")]


def test_a_caldav_account_keeps_its_credentials_sealed(ada):
    connection = connect_caldav(ada, SERVER, "ada", "s3cret", now=NOW)

    connection.refresh_from_db()
    assert (connection.account.address, connection.account.username) == (SERVER, "ada")
    assert connection.account.password == "s3cret"
    stored = str(all_rows()["calendars.Connection"])
    assert "cloud.example.com" in stored
    assert "s3cret" not in stored
    assert "remote.php" not in stored


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", ADDRESS_REQUIRED),
        ("calendars.example.com/work.ics", ADDRESS_REQUIRED),
        ("ftp://calendars.example.com/work.ics", ADDRESS_REQUIRED),
        ("http://calendars.example.com/work.ics", ADDRESS_REQUIRED),
        ("https://calendars.example.com:22/work.ics", ADDRESS_NOT_ALLOWED),
        ("https://192.168.1.20/work.ics", NETWORK_NOT_ALLOWED),
        ("http://localhost:5232/", NETWORK_NOT_ALLOWED),
    ],
)
def test_an_address_that_nothing_is_fetched_from_is_refused(ada, address, sentence):
    assert refused(lambda: connect_feed(ada, address, now=NOW)) == [("address", sentence)]


def test_credentials_are_required(ada):
    assert refused(lambda: connect_caldav(ada, SERVER, "", "", now=NOW)) == [
        ("username", USERNAME_REQUIRED),
        ("password", PASSWORD_REQUIRED),
    ]


def test_the_same_is_connected_once(ada, grace):
    connect_feed(ada, FEED, now=NOW)
    connect_caldav(ada, SERVER, "ada", "one", now=NOW)

    assert refused(lambda: connect_feed(ada, FEED, now=NOW)) == [("address", ALREADY_CONNECTED)]
    assert refused(lambda: connect_caldav(ada, SERVER, "ada", "two", now=NOW)) == [("address", ALREADY_CONNECTED)]
    connect_caldav(ada, SERVER, "other", "one", now=NOW)
    connect_feed(grace, FEED, now=NOW)
    assert Connection.objects.count() == 4


def test_a_person_can_have_ten_connections(ada, grace):
    for _ in range(MOST_CONNECTIONS):
        make_connection(ada)

    assert refused(lambda: connect_feed(ada, SERVER, now=NOW)) == [("address", TOO_MANY_CONNECTIONS)]
    assert connect_feed(grace, SERVER, now=NOW).person == grace


def test_the_search_stores_calendars_and_queues_those_that_count(ada, provider):
    connection = connect_caldav(ada, SERVER, "ada", "s3cret", now=NOW)
    provider.found = [
        FoundCalendar("/ada/work/", "  Work\n", can_write=True),
        FoundCalendar("/ada/holidays/", "Holidays", is_own=False),
        FoundCalendar("/ada/nameless/", " "),
    ]

    search(connection.pk, now=NOW + MINUTE)

    columns = ("remote", "name", "counts", "can_write", "is_own", "person", "chosen_at", "next_try_at")
    assert list(connection.calendars.order_by("remote").values_list(*columns)) == [
        ("/ada/holidays/", "Holidays", False, False, False, ada.pk, NOW + MINUTE, None),
        ("/ada/nameless/", "cloud.example.com", True, False, True, ada.pk, NOW + MINUTE, NOW + MINUTE),
        ("/ada/work/", "Work", True, True, True, ada.pk, NOW + MINUTE, NOW + MINUTE),
    ]
    connection.refresh_from_db()
    assert (connection.searching_since, connection.found_at, connection.failure) == (None, NOW + MINUTE, "")
    assert {(task, lock) for task, _, lock in jobs()[1:]} == {("calendars.read", "calendars:cloud.example.com")}
    counting = OutsideCalendar.objects.counting()
    assert {name for _, name, _ in jobs()[1:]} == {f"calendar:{calendar.pk}" for calendar in counting}


@pytest.mark.parametrize(("name", "label"), [(" Family\n", "Family"), (" ", "calendars.example.com")])
def test_a_calendar_address_is_named_after_its_calendar(ada, provider, name, label):
    connection = connect_feed(ada, FEED, now=NOW)
    provider.found = [FoundCalendar("", name)]

    search(connection.pk, now=NOW)

    connection.refresh_from_db()
    assert (connection.label, connection.host) == (label, "calendars.example.com")


def test_a_caldav_account_is_named_after_its_server(ada, provider):
    connection = connect_caldav(ada, SERVER, "ada", "s3cret", now=NOW)
    provider.found = [FoundCalendar("/work/", "Work")]

    search(connection.pk, now=NOW)

    connection.refresh_from_db()
    assert connection.label == "cloud.example.com"


def test_another_search_keeps_what_was_chosen(ada, provider):
    connection = make_connection(ada, searching_since=NOW)
    work = make_calendar(ada, half_hour("10:00"), connection=connection, name="Work", counts=False)
    gone = make_calendar(ada, connection=connection, name="Gone")
    provider.found = [FoundCalendar("Work", "Work, renamed"), FoundCalendar("New", "New")]

    search(connection.pk, now=NOW)

    found = {calendar.name: calendar for calendar in connection.calendars.all()}
    assert set(found) == {"Work, renamed", "Gone", "New"}
    assert (found["Work, renamed"].pk, found["Work, renamed"].counts) == (work.pk, False)
    assert found["Gone"] == gone
    assert found["New"].counts


@pytest.mark.parametrize("failure", [Failure.UNAUTHORIZED, Failure.UNREACHABLE, Failure.NOT_A_CALENDAR])
def test_a_search_that_fails_says_why_and_closes_no_pages(ada, provider, failure):
    connection = connect_feed(ada, FEED, now=NOW)
    provider.found = failed(failure)

    search(connection.pk, now=NOW)

    connection.refresh_from_db()
    assert (connection.searching_since, connection.failure, connection.found_at) == (None, failure, None)
    assert not OutsideCalendar.objects.exists()

    search_again(connection, now=NOW + MINUTE)

    connection.refresh_from_db()
    assert (connection.searching_since, connection.failure) == (NOW + MINUTE, "")


def test_no_more_than_thirty_calendars_count(ada, provider):
    connection = make_connection(ada, searching_since=NOW)
    provider.found = [FoundCalendar(f"/{n:02}/", f"{n:02}") for n in range(MOST_COUNTING + 2)]

    search(connection.pk, now=NOW)

    counting = OutsideCalendar.objects.counting()
    assert (counting.count(), OutsideCalendar.objects.count()) == (MOST_COUNTING, MOST_COUNTING + 2)
    [first, second] = OutsideCalendar.objects.filter(counts=False)
    assert refused(lambda: choose(first, counts=True, now=NOW)) == [("counts", TOO_MANY_COUNTING)]
    choose(counting.first(), counts=False, now=NOW)
    choose(second, counts=True, now=NOW)
    assert counting.count() == MOST_COUNTING


def test_what_stops_counting_is_forgotten_at_once(ada):
    calendar = make_calendar(ada, half_hour("10:00"), state="1", failure="gone", failing_since=NOW, failures=3)

    choose(calendar, counts=False, now=NOW + HOUR)

    calendar.refresh_from_db()
    assert (calendar.counts, calendar.chosen_at, calendar.next_try_at) == (False, NOW + HOUR, None)
    assert (calendar.state, calendar.read_at, calendar.failure, calendar.failures) == ("", None, "", 0)
    assert not OutsideBusy.objects.exists()
    assert jobs() == []


def test_what_begins_to_count_is_read_at_once(ada):
    calendar = make_calendar(ada, counts=False, read_at=None)

    choose(calendar, counts=True, now=NOW + HOUR)

    calendar.refresh_from_db()
    assert (calendar.counts, calendar.next_try_at, calendar.queued_at) == (True, NOW + HOUR, NOW + HOUR)
    assert [task for task, _, _ in jobs()] == ["calendars.read"]


def test_other_choices_keep_what_was_read(ada):
    calendar = make_calendar(ada, half_hour("10:00"), state="1")

    choose(calendar, counts=True, tentative_counts=False, stale_after=4 * HOUR, now=NOW + HOUR)

    calendar.refresh_from_db()
    assert (calendar.tentative_counts, calendar.stale_after) == (False, 4 * HOUR)
    assert (calendar.state, calendar.read_at, calendar.chosen_at) == ("1", NOW, NOW)
    assert OutsideBusy.objects.count() == 1
    assert refused(lambda: choose(calendar, counts=True, stale_after=2 * HOUR, now=NOW)) == [
        ("stale_after", UNKNOWN_LIMIT)
    ]


def test_pages_that_are_opened_by_choice_need_no_email(ada):
    dead = make_calendar(ada, read_at=NOW - 2 * HOUR)
    dead_too = make_calendar(ada, read_at=NOW - 2 * HOUR, name="Home")
    ClosedPages.objects.create(person=ada, told_at=NOW)

    choose(dead, counts=False, now=NOW)
    assert ClosedPages.objects.exists()
    disconnect(dead_too.connection, now=NOW)
    assert not ClosedPages.objects.exists()


def test_a_reading_is_queued_once(ada):
    calendar = make_calendar(ada)

    read_now(calendar, now=NOW)
    read_now(calendar, now=NOW + MINUTE)

    calendar.refresh_from_db()
    assert calendar.next_try_at == NOW + MINUTE
    assert jobs() == [("calendars.read", f"calendar:{calendar.pk}", "calendars:calendars.example.com")]


def test_disconnecting_deletes_all_of_it_and_nothing_else(ada, grace):
    connection = make_connection(ada)
    make_calendar(ada, half_hour("10:00"), connection=connection)
    others = [make_calendar(ada, half_hour("11:00"), name="Home"), make_calendar(grace, half_hour("12:00"))]

    disconnect(connection, now=NOW)

    assert set(OutsideCalendar.objects.all()) == set(others)
    assert OutsideBusy.objects.count() == Connection.objects.count() == 2


def test_somebody_who_leaves_takes_all_connections_along(ada, grace):
    make_calendar(ada, half_hour("10:00"))
    make_calendar(ada, name="Home")
    other = make_calendar(grace)
    ClosedPages.objects.create(person=ada, told_at=NOW)

    disconnect_all(ada)

    assert list(OutsideCalendar.objects.all()) == [other]
    assert not ClosedPages.objects.exists()
