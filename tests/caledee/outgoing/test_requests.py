"""Requests and answers, with servers that keep to the rules."""

import gzip
import socket
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from caledee.outgoing import AnswerBroken, Deadline, Login, RequestFailed, Session, TooSlow, request
from tests.support.scripted import Request, ending, reply, serving

SECOND = timedelta(seconds=1)


def ask(url, method="GET", *, max_bytes=1000, deadline=timedelta(seconds=5), **rest):
    return request(method, url, max_bytes=max_bytes, deadline=deadline, **rest)


def test_an_answer_has_status_headers_body_and_address():
    with serving(reply("207 Multi-Status", b"<multistatus/>", ETag='"1"', Content_Type="text/xml")) as server:
        answer = ask(server.url("/dav/?a=b#part"))

    assert answer.status == 207
    assert answer.ok
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["Content-Type"] == "text/xml"
    assert answer.body == b"<multistatus/>"
    assert answer.url == server.url("/dav/?a=b")


def test_a_request_says_nothing_about_the_server_that_sends_it():
    with serving(reply()) as server:
        ask(server.url("/feed.ics?key=1"))

    assert server.requests == [
        Request(
            "GET",
            "/feed.ics?key=1",
            {
                "host": f"127.0.0.1:{server.port}",
                "user-agent": "Caledee",
                "accept": "*/*",
                "accept-encoding": "identity",
            },
            b"",
        )
    ]


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PUT", "DELETE"])
def test_methods_of_caldav_are_sent_with_their_body_and_headers(method):
    with serving(reply()) as server:
        ask(server.url(), method, body=b"<x/>", headers={"Depth": "1", "User-Agent": "Other"})

    assert [(each.method, each.body) for each in server.requests] == [(method, b"<x/>")]
    assert server.requests[0].headers["depth"] == "1"
    assert server.requests[0].headers["user-agent"] == "Other"


@pytest.mark.parametrize("status", ["304 Not Modified", "401 Unauthorized", "404 Not Found", "500 Broken"])
def test_an_error_is_an_answer_as_well(status):
    with serving(reply(status)) as server:
        answer = ask(server.url())

    assert (answer.status, answer.ok, answer.body) == (int(status[:3]), False, b"")


def test_headers_that_are_sent_back_are_the_same_bytes():
    with serving(reply(ETag='"é"')) as server:
        etag = ask(server.url()).headers["etag"]
        ask(server.url(), headers={"If-None-Match": etag})

    assert server.requests[1].headers["if-none-match"] == '"é"'


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("identity", bytes),
    ],
)
def test_a_compressed_answer_is_decompressed(encoding, compress):
    body = b"BEGIN:VCALENDAR\r\n" * 50
    with serving(reply(body=compress(body), Content_Encoding=encoding)) as server:
        assert ask(server.url()).body == body


def test_an_encoding_that_was_not_asked_for_is_no_answer():
    with serving(reply(body=b"\x1b\x03", Content_Encoding="br")) as server, pytest.raises(AnswerBroken):
        ask(server.url())


def test_several_requests_of_a_session_share_a_connection():
    with serving(reply(body=b"x")) as server:
        with Session() as session:
            for _ in range(3):
                session.request("PROPFIND", server.url(), body=b"<x/>", max_bytes=10, deadline=SECOND)

        assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_the_server_closed_in_the_meantime_is_replaced():
    with serving(reply(body=b"x", Connection="close")) as server:
        with Session() as session:
            for _ in range(2):
                session.request("GET", server.url(), max_bytes=10, deadline=SECOND)

        assert (len(server.requests), server.connections) == (2, 2)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_connection_that_the_server_closes_on_the_next_request_is_replaced(method):
    """A server may close a kept connection just as a request is on its way."""

    def close(connection, _stopping):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(reply(), close, reply(body=b"again")) as server, Session() as session:
        session.request("GET", server.url(), max_bytes=99, deadline=SECOND)
        answer = session.request(method, server.url(), max_bytes=99, deadline=SECOND, body=b"x" * 9)

    assert answer.body == b"again"
    assert [request.method for request in server.requests] == ["GET", method, method]
    assert server.connections == 2


def test_a_new_connection_that_breaks_is_not_tried_again():
    with serving(ending()) as server, Session() as session, pytest.raises(RequestFailed):
        session.request("GET", server.url(), max_bytes=99, deadline=SECOND)

    assert len(server.requests) == 1


def test_several_requests_can_share_a_deadline():
    deadline = Deadline(timedelta(0))

    with serving(reply()) as server, pytest.raises(TooSlow):
        ask(server.url(), deadline=deadline)

    assert server.requests == []


def test_threads_can_send_requests_at_the_same_time():
    def echo(connection, _stopping):
        connection.sendall(reply(body=b"x"))

    with serving(echo) as server, ThreadPoolExecutor(8) as pool:
        bodies = [answer.body for answer in pool.map(ask, [server.url()] * 24)]

    assert (bodies, server.connections) == ([b"x"] * 24, 24)


def test_cookies_are_not_kept():
    with serving(reply(Set_Cookie="session=1")) as server, Session() as session:
        for _ in range(2):
            session.request("GET", server.url(), max_bytes=10, deadline=SECOND)

    assert [each.headers.get("cookie") for each in server.requests] == [None, None]


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    with serving(reply(body=b"direct")) as server:
        assert ask(server.url()).body == b"direct"


def test_a_login_is_not_shown():
    assert repr(Login("ada", "secret")) == "Login()"
