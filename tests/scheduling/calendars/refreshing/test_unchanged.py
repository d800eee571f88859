"""What it costs to read a calendar in which nothing has changed, from an encrypted server with the real providers."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from caledee.outgoing import Network
from scheduling.calendars.models import ConnectionKind
from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.feed import Feed
from scheduling.calendars.providers.registry import PROVIDERS
from scheduling.calendars.refreshing.refresh import refresh
from tests.factories import book_event_type
from tests.scheduling.calendars.providers.samples import at, calendar_of, event, period
from tests.support.calendar_servers.dav import CALENDAR, found, multistatus, stored
from tests.support.calendar_servers.scripted import Answer, scripted_server, wants_basic
from tests.support.calendars import make_calendar, make_connection
from tests.support.certificates import Authority
from tests.support.times import NOW

LATER = NOW + timedelta(hours=1)
PATH = "/ada/work"
TEXT = calendar_of(event("one", at(10), at(11)))


@pytest.fixture
def server(monkeypatch, settings):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    authority = Authority()
    network = Network(tls=lambda: authority.client)
    monkeypatch.setitem(PROVIDERS, ConnectionKind.FEED, Feed(network))
    monkeypatch.setitem(PROVIDERS, ConnectionKind.CALDAV, CalDav(network))
    with scripted_server(tls=authority.server("127.0.0.1")) as started:
        yield started


def tagged_feed(person, server):
    server.script["GET", PATH] = lambda request: (
        Answer(304) if request.headers["If-None-Match"] == '"1"' else Answer(200, TEXT, {"ETag": '"1"'})
    )
    return feed_at(person, server)


def plain_feed(person, server):
    """A feed whose server doesn't know what has changed."""
    server.script["GET", PATH] = Answer(200, TEXT)
    return feed_at(person, server)


def feed_at(person, server):
    connection = make_connection(person, address=server.origin + PATH)
    return make_calendar(person, connection=connection, read_at=None, next_try_at=NOW)


def caldav(person, server):
    server.guard = wants_basic("ada", "engine")
    server.script["PROPFIND", PATH] = multistatus(found(PATH, {"D:resourcetype": CALENDAR, "D:sync-token": "1"}))
    server.script["REPORT", PATH] = multistatus(stored(f"{PATH}/one.ics", TEXT.decode()))
    credentials = '{"username": "ada", "password": "engine"}'
    connection = make_connection(person, ConnectionKind.CALDAV, address=server.origin, credentials=credentials)
    return make_calendar(person, connection=connection, name=PATH, read_at=None, next_try_at=NOW)


@pytest.mark.parametrize("connect", [tagged_feed, plain_feed, caldav])
def test_a_calendar_without_changes_costs_one_request_and_two_queries(ada, server, django_assert_num_queries, connect):
    book_event_type(ada, "10:00")
    calendar = connect(ada, server)
    refresh(calendar.pk, now=NOW)
    calendar.refresh_from_db()
    assert (calendar.failure, calendar.read_at) == ("", NOW)
    before = len(server.requests)

    with django_assert_num_queries(2):
        refresh(calendar.pk, now=LATER)

    assert len(server.requests) - before == 1
    calendar.refresh_from_db()
    assert (calendar.read_at, calendar.read_whole_at) == (LATER, NOW)
    assert [row.period for row in calendar.busy_rows.all()] == [period(10, 11)]
