"""Calendar addresses, read from a server that behaves."""

from datetime import timedelta

import pytest

from scheduling.calendars.providers.feed import Feed
from scheduling.calendars.providers.protocol import Account, FoundCalendar, NewReading
from scheduling.calendars.reading import Failure, OutsideTime, Reading, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event, period
from tests.support.calendar_servers.dav import redirect
from tests.support.calendar_servers.scripted import Answer

NAMED = calendar_of(event("one", at(10), at(11)), name="Ada  at work")
PATH = "/private/s3cret.ics"


@pytest.fixture
def feed(server):
    """The address of a feed with one event, without an ETag."""
    server.script["GET", PATH] = Answer(200, NAMED, {"Content-Type": "text/calendar"})
    return Account(server.origin + PATH)


def read(account: Account, state: str = "") -> NewReading | None:
    return Feed().read(account, "", WINDOW, OWNER, state=state, patience=PATIENCE)


def test_a_feed_is_one_calendar_with_the_name_it_gives_itself(feed):
    found = Feed().find(feed, patience=PATIENCE)

    assert found == [FoundCalendar(remote="", name="Ada at work", can_write=False, is_own=True)]


def test_a_feed_without_a_name_has_that_of_its_host(feed, server):
    server.script["GET", PATH] = Answer(200, calendar_of())

    assert Feed().find(feed, patience=PATIENCE) == [FoundCalendar(remote="", name="127.0.0.1")]


def test_its_busy_times_are_read(feed):
    new = read(feed)

    assert new.reading.busy == (OutsideTime(period(10, 11)),)


def test_what_did_not_change_is_not_read_again(feed):
    state = read(feed).state

    assert read(feed, state) is None


def test_what_changed_is_read_again(feed, server):
    state = read(feed).state
    server.script["GET", PATH] = Answer(200, calendar_of(event("one", at(12), at(13))))

    assert read(feed, state).reading.busy == (OutsideTime(period(12, 13)),)


def test_the_server_is_asked_for_changes_only(feed, server):
    tags = {"ETag": 'W/"7"', "Last-Modified": "Mon, 30 Nov 2026 12:00:00 GMT"}
    server.script["GET", PATH] = Answer(200, NAMED, tags)
    state = read(feed).state
    server.script["GET", PATH] = Answer(304)

    assert read(feed, state) is None
    sent = server.requests[-1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (tags["ETag"], tags["Last-Modified"])


def test_the_first_reading_takes_no_304(feed, server):
    server.script["GET", PATH] = Answer(304)

    with pytest.raises(ReadingFailed) as failed:
        read(feed)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def check(account: Account, state: str = "") -> Reading:
    return Feed().check(account, "", period(10, 12), OWNER, state=state, patience=PATIENCE)


def test_a_check_reads_one_period_alone(feed, server):
    server.script["GET", PATH] = Answer(200, calendar_of(event("one", at(10), at(11)), event("two", at(14), at(15))))

    assert check(feed) == Reading(busy=(OutsideTime(period(10, 11)),))


def test_a_check_finds_what_changed(feed, server):
    state = read(feed).state
    server.script["GET", PATH] = Answer(200, calendar_of(event("one", at(11), at(12))))

    assert check(feed, state) == Reading(busy=(OutsideTime(period(11, 12)),))


def test_a_check_finds_nothing_new_in_the_same_text(feed):
    state = read(feed).state

    assert check(feed, state) == Reading(busy=())


def test_a_check_asks_for_changes_only(feed, server):
    server.script["GET", PATH] = Answer(200, NAMED, {"ETag": '"7"'})
    state = read(feed).state
    server.script["GET", PATH] = Answer(304)

    assert check(feed, state) == Reading(busy=())
    assert server.requests[-1].headers["If-None-Match"] == '"7"'


def test_a_check_without_a_state_takes_no_304(feed, server):
    server.script["GET", PATH] = Answer(304)

    with pytest.raises(ReadingFailed) as failed:
        check(feed)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_a_feed_can_move_to_another_server(feed, server, other_server):
    server.script["GET", PATH] = redirect(f"{other_server.origin}/moved.ics")
    other_server.script["GET", "/moved.ics"] = Answer(200, NAMED)

    assert read(feed).reading.busy == (OutsideTime(period(10, 11)),)


@pytest.mark.parametrize(
    ("status", "headers", "failure", "retry_after"),
    [
        (401, {}, Failure.UNAUTHORIZED, None),
        (403, {}, Failure.FORBIDDEN, None),
        (403, {"Retry-After": "120"}, Failure.LIMITED, timedelta(minutes=2)),
        (404, {}, Failure.GONE, None),
        (410, {}, Failure.GONE, None),
        (429, {}, Failure.LIMITED, None),
        (429, {"Retry-After": "soon"}, Failure.LIMITED, None),
        (429, {"Retry-After": f"Mon, 30 Nov {'9' * 20} 12:00:00 GMT"}, Failure.LIMITED, None),
        (429, {"Retry-After": "9" * 40}, Failure.LIMITED, timedelta(days=1)),
        (
            *(429, {"Date": "Mon, 30 Nov 2026 12:00:00 GMT", "Retry-After": "Mon, 30 Nov 2026 12:05:00 GMT"}),
            *(Failure.LIMITED, timedelta(minutes=5)),
        ),
        (408, {}, Failure.UNREACHABLE, None),
        (500, {}, Failure.UNREACHABLE, None),
        (503, {"Retry-After": "30"}, Failure.UNREACHABLE, timedelta(seconds=30)),
        (400, {}, Failure.NOT_A_CALENDAR, None),
    ],
)
def test_each_status_has_its_meaning(feed, server, status, headers, failure, retry_after):
    server.script["GET", PATH] = Answer(status, b"private details", headers)

    with pytest.raises(ReadingFailed) as failed:
        read(feed)

    assert (failed.value.failure, failed.value.retry_after) == (failure, retry_after)
    assert str(failed.value) == failure.value


def test_nobody_at_the_address_is_unreachable(feed, server):
    server.http.shutdown()
    server.http.server_close()

    with pytest.raises(ReadingFailed) as failed:
        read(feed)

    assert failed.value.failure == Failure.UNREACHABLE


def test_an_address_in_another_network_is_refused_without_a_request(feed, server, settings):
    settings.CALENDAR_ALLOWED_NETWORKS = []

    with pytest.raises(ReadingFailed) as failed:
        read(feed)

    assert (failed.value.failure, server.requests) == (Failure.NOT_ALLOWED, [])
