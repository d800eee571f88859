"""Servers on the internet: encrypted, with certificates of an authority that only these tests know."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from caledee.outgoing import Network
from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.feed import Feed
from scheduling.calendars.providers.protocol import Account, FoundCalendar
from scheduling.calendars.reading import Failure, OutsideTime, ReadingFailed
from tests.scheduling.calendars.providers.samples import OWNER, PATIENCE, WINDOW, at, calendar_of, event, period
from tests.support.calendar_servers.dav import calendar, found, href, multistatus, redirect, serve_account, stored
from tests.support.calendar_servers.scripted import Answer, ScriptedServer, scripted_server, wants_basic
from tests.support.certificates import Authority

CLOUD, ICLOUD, PARTITION = "cloud.example.org", "caldav.icloud.com", "p34-caldav.icloud.com"
# Addresses on the internet, to which no test connects.
ADDRESSES = {CLOUD: "11.0.0.1", ICLOUD: "11.0.0.2", PARTITION: "11.0.0.3"}
TEXT = calendar_of(event("one", at(10), at(11))).decode()


class Internet(Network):
    """Leads each name to a scripted server, as if that were on the internet."""

    def __init__(self, authority: Authority, servers: dict[str, ScriptedServer]) -> None:
        ports = {ADDRESSES[name]: server.http.server_port for name, server in servers.items()}
        super().__init__(
            look_up=lambda host, _port: [ADDRESSES[host]],
            connect=lambda address, _port, timeout: socket.create_connection(("127.0.0.1", ports[address]), timeout),
            tls=lambda: authority.client,
        )


@pytest.fixture(autouse=True)
def no_network_is_allowed(loopback_is_allowed, settings):
    settings.CALENDAR_ALLOWED_NETWORKS = []


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def servers(authority) -> Iterator[dict[str, ScriptedServer]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(scripted_server(tls=authority.server(name))) for name in ADDRESSES}


@pytest.fixture
def network(authority, servers) -> Network:
    return Internet(authority, servers)


@pytest.fixture
def account() -> Account:
    return Account(f"https://{ICLOUD}/", "ada@example.org", "abcd-efgh")


@pytest.fixture
def icloud(servers) -> ScriptedServer:
    """The common server, which knows where the calendars of an account are. Both want a password."""
    for name in (ICLOUD, PARTITION):
        servers[name].guard = wants_basic("ada@example.org", "abcd-efgh")
    principal = multistatus(found("/", {"D:current-user-principal": href("/17/principal/")}))
    servers[ICLOUD].script["PROPFIND", "/.well-known/caldav"] = principal
    home = href(f"https://{PARTITION}:443/17/calendars/")
    servers[ICLOUD].script["PROPFIND", "/17/principal/"] = multistatus(
        found("/17/principal/", {"C:calendar-home-set": home})
    )
    servers[PARTITION].script["PROPFIND", "/17/calendars/"] = multistatus(
        calendar("/17/calendars/home/", "Home", owner=href("/17/principal/"))
    )
    servers[PARTITION].script["PROPFIND", "/17/calendars/home/"] = multistatus(
        found("/17/calendars/home/", {"S:getctag": "1"})
    )
    servers[PARTITION].script["REPORT", "/17/calendars/home/"] = multistatus(
        stored("/17/calendars/home/one.ics", TEXT)
    )
    return servers[ICLOUD]


HOME = FoundCalendar(f"https://{PARTITION}/17/calendars/home/", "Home")


def test_calendars_of_icloud_are_on_another_of_its_servers(icloud, account, network, servers):
    provider = CalDav(network)

    assert list(provider.find(account, patience=PATIENCE)) == [HOME]
    new = provider.read(account, HOME.remote, WINDOW, OWNER, state="", patience=PATIENCE)
    assert new.reading.busy == (OutsideTime(period(10, 11)),)
    # The password is sent at once, so nothing is asked twice.
    assert len(servers[ICLOUD].requests) == 2
    assert len(servers[PARTITION].requests) == 3


def test_icloud_can_redirect_to_another_of_its_servers(icloud, account, network, servers):
    servers[PARTITION].script |= icloud.script
    icloud.script = {("PROPFIND", "/.well-known/caldav"): redirect(f"https://{PARTITION}/.well-known/caldav")}

    assert list(CalDav(network).find(account, patience=PATIENCE)) == [HOME]


def test_another_server_cannot_lead_to_icloud(icloud, network, servers):
    serve_account(servers[CLOUD])
    foreign = href(f"https://{PARTITION}/17/calendars/")
    servers[CLOUD].script["PROPFIND", "/"] = multistatus(found("/", {"C:calendar-home-set": foreign}))
    account = Account(f"https://{CLOUD}/", "ada@example.org", "abcd-efgh")

    with pytest.raises(ReadingFailed) as raised:
        CalDav(network).find(account, patience=PATIENCE)

    assert raised.value.failure == Failure.NOT_ALLOWED
    assert servers[PARTITION].requests == []


def test_a_server_behind_a_proxy_can_think_that_it_is_not_encrypted(network, servers):
    cloud = servers[CLOUD]
    serve_account(cloud, calendar(f"http://{CLOUD}/dav/calendars/ada/work/", "Work"), prefix="/dav")
    cloud.script["PROPFIND", "/.well-known/caldav"] = redirect(f"http://{CLOUD}/dav/")
    cloud.guard = wants_basic("ada", "engine")

    found_calendars = CalDav(network).find(Account(f"https://{CLOUD}", "ada", "engine"), patience=PATIENCE)

    assert list(found_calendars) == [FoundCalendar(f"https://{CLOUD}/dav/calendars/ada/work/", "Work")]


def test_a_feed_by_webcal_is_encrypted(network, servers):
    servers[CLOUD].script["GET", "/feed.ics"] = Answer(200, TEXT.encode())

    new = Feed(network).read(*(Account(f"webcal://{CLOUD}/feed.ics"), "", WINDOW, OWNER), state="", patience=PATIENCE)

    assert new.reading.busy == (OutsideTime(period(10, 11)),)


def test_a_redirect_to_a_feed_without_encryption_is_refused(network, servers):
    servers[CLOUD].script["GET", "/feed.ics"] = redirect(f"http://{CLOUD}/feed.ics")

    with pytest.raises(ReadingFailed) as raised:
        Feed(network).find(Account(f"https://{CLOUD}/feed.ics"), patience=PATIENCE)

    assert raised.value.failure == Failure.NOT_ALLOWED


@pytest.mark.parametrize("provider", [Feed, CalDav])
def test_a_certificate_of_another_authority_is_refused(network, servers, provider):
    stranger = Internet(Authority(), servers)

    with pytest.raises(ReadingFailed) as raised:
        provider(stranger).find(Account(f"https://{CLOUD}/"), patience=PATIENCE)

    assert raised.value.failure == Failure.CERTIFICATE
    assert servers[CLOUD].requests == []
