"""Redirects: at most three, each one checked, and secrets only for the origin that they were meant for."""

from datetime import timedelta

import pytest

from caledee.outgoing import (
    AddressRefused,
    AnswerBroken,
    Login,
    Network,
    RedirectRefused,
    TooManyRedirects,
    anywhere,
    request,
)
from caledee.outgoing.network import connect
from tests.support.certificates import Authority
from tests.support.scripted import reply, serving

ADA = Login("ada", "pass")
# What http sends if it is asked for it.
ASKED = reply("401 Unauthorized", WWW_Authenticate='Basic realm="x"')
BASIC = "Basic YWRhOnBhc3M="


def ask(url, method="GET", **rest):
    return request(method, url, max_bytes=1000, deadline=timedelta(seconds=5), **rest)


def leading(to, status="302 Found"):
    return reply(status, b"elsewhere", Location=to)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_keeps_method_headers_and_body(status):
    with serving(leading("/dav/?x=1", status), reply(body=b"there")) as server:
        answer = ask(server.url("/.well-known/caldav"), "PROPFIND", body=b"<x/>", headers={"Depth": "0"})

    assert (answer.status, answer.body, answer.url) == (200, b"there", server.url("/dav/?x=1"))
    assert [(each.method, each.target, each.headers["depth"], each.body) for each in server.requests] == [
        ("PROPFIND", "/.well-known/caldav", "0", b"<x/>"),
        ("PROPFIND", "/dav/?x=1", "0", b"<x/>"),
    ]


def test_see_other_is_fetched_with_get():
    with serving(leading("/there", "303 See Other"), reply()) as server:
        ask(server.url(), "POST", body=b"x")

    assert [(each.method, each.body) for each in server.requests] == [("POST", b"x"), ("GET", b"")]


@pytest.mark.parametrize("status", ["300 Choose", "304 Not Modified", "302 Found"])
def test_an_answer_that_leads_nowhere_is_returned(status):
    with serving(reply(status)) as server:
        assert ask(server.url()).status == int(status[:3])


def test_three_redirects_are_followed_and_not_a_fourth():
    steps = [leading(f"/{number}") for number in range(1, 5)]

    with serving(*steps[:3], reply(body=b"end")) as server:
        assert ask(server.url()).body == b"end"

    with serving(*steps, reply(body=b"end")) as server, pytest.raises(TooManyRedirects):
        ask(server.url())
    assert len(server.requests) == 4


def test_a_loop_ends():
    with serving(leading("/")) as server, pytest.raises(TooManyRedirects):
        ask(server.url())

    assert len(server.requests) == 4


def test_another_origin_is_not_followed_unless_it_is_allowed():
    with serving(reply(body=b"other")) as other, serving(leading(other.url())) as server:
        with pytest.raises(RedirectRefused):
            ask(server.url())

        assert other.requests == []
        assert ask(server.url(), allow_redirect_to=anywhere).body == b"other"


def test_the_caller_decides_by_both_addresses():
    decisions = []

    def decide(*addresses):
        decisions.append(addresses)
        return True

    with serving(reply()) as other, serving(leading(f"{other.url('/b')}#x")) as server:
        ask(server.url("/a"), allow_redirect_to=decide)

    assert decisions == [(server.url("/a"), other.url("/b"))]


def test_another_origin_gets_no_login_and_no_secret_header():
    secrets = {"Authorization": "Bearer token", "Cookie": "session=1", "If-None-Match": '"1"'}

    with serving(reply()) as other, serving(leading(other.url())) as server:
        ask(server.url(), headers=secrets, allow_redirect_to=anywhere)

    assert server.requests[0].headers["authorization"] == "Bearer token"
    assert sorted(other.requests[0].headers) == ["accept", "accept-encoding", "host", "if-none-match", "user-agent"]


def test_another_origin_gets_no_login_even_if_it_asks_for_one():
    with serving(ASKED) as other, serving(ASKED, leading(other.url())) as server:
        answer = ask(server.url(), auth=ADA, allow_redirect_to=anywhere)

    assert answer.status == 401
    assert [each.headers.get("authorization") for each in server.requests] == [None, BASIC]
    assert [each.headers.get("authorization") for each in other.requests] == [None]


def test_another_port_or_host_of_the_same_machine_is_another_origin():
    with serving(reply()) as server:
        with serving(leading(server.url(host="localhost"))) as first, pytest.raises(RedirectRefused):
            ask(first.url())
        with serving(leading(server.url())) as first, pytest.raises(RedirectRefused):
            ask(first.url())

    assert server.requests == []


def test_the_first_origin_gets_the_login_again_when_a_redirect_comes_back():
    def lead_back(connection, _stopping):
        connection.sendall(leading(home.url("/back")))

    with serving(lead_back) as other, serving(ASKED, leading(other.url()), reply(body=b"home")) as home:
        answer = ask(home.url(), auth=ADA, allow_redirect_to=anywhere)

    assert answer.body == b"home"
    assert [each.headers.get("authorization") for each in home.requests] == [None, BASIC, BASIC]
    assert [each.headers.get("authorization") for each in other.requests] == [None]


def test_a_login_in_a_redirect_is_not_used():
    with serving(ASKED) as other, serving(leading(other.url(host="x:y@127.0.0.1"))) as server:
        answer = ask(server.url(), allow_redirect_to=anywhere)

    assert answer.url == other.url()
    assert [each.headers.get("authorization") for each in other.requests] == [None]


def test_from_https_to_http_on_the_internet_is_refused():
    addresses = {"calendar.example": ["127.0.0.1"], "elsewhere.example": ["203.1.113.5"]}
    authority, connections = Authority(), []

    def record(address, port, timeout):
        connections.append(address)
        return connect(address, port, timeout)

    network = Network(lambda host, _port: addresses[host], record, lambda: authority.client)

    with (
        serving(leading("http://elsewhere.example/"), tls=authority.server("calendar.example")) as server,
        pytest.raises(AddressRefused) as raised,
    ):
        ask(server.url(host="calendar.example"), allow_redirect_to=anywhere, network=network)

    assert str(raised.value) == "elsewhere.example: requests without encryption aren't allowed"
    assert connections == ["127.0.0.1"]


@pytest.mark.parametrize("location", ["https://[::1", "mailto:ada@example.com", "javascript:alert(1)", "file:///etc"])
def test_a_redirect_to_something_else_is_no_answer(location):
    with serving(leading(location)) as server, pytest.raises(AnswerBroken):
        ask(server.url(), allow_redirect_to=anywhere)


@pytest.mark.parametrize("location", ["http://127.0.0.1:22/", "http://10.0.0.1/", "//169.254.169.254/latest/"])
def test_a_redirect_does_not_lead_where_a_request_would_not_go(location):
    with serving(leading(location)) as server, pytest.raises(AddressRefused):
        ask(server.url(), allow_redirect_to=anywhere)
