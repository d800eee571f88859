"""HTTP as the web server speaks it, octet by octet."""

import socket

import pytest

from tests.caledee.deploy.test_slow_clients import HOST, connect, read_to_end, say
from tests.support.serving import Serving, own_database

pytestmark = pytest.mark.django_db

POST = b"POST /test/echo/ HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" + HOST
LAST = b"GET /test/echo/ HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def serving(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database("http") as url:
        serving = Serving(url)
        serving.start("--workers", "1")
        yield serving
        serving.stop()


def answers(said):
    """Return the status of each response, and the body if its length is known."""
    found = []
    while said:
        head, _, said = said.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        length = int(headers.get(b"content-length", 0))
        found.append((int(status.split()[1]), said[:length]))
        said = said[length:]
    return found


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (LAST, [(200, b"GET ")]),
        (POST + b"Content-Length: 9\r\n\r\nname=Dana" + LAST, [(200, b"POST Dana"), (200, b"GET ")]),
        (CHUNKED + b"5\r\nname=\r\n4;x=1\r\nDana\r\n0\r\n\r\n" + LAST, [(200, b"POST Dana"), (200, b"GET ")]),
        (CHUNKED + b"9\r\nname=Dana\r\n0\r\nX-Sum: 1\r\n\r\n" + LAST, [(200, b"POST Dana"), (200, b"GET ")]),
        (CHUNKED + b"5\r\nname=Dana\r\n0\r\n\r\n" + LAST, [(400, b"400 Bad Request. Nothing was changed.\n")]),
        (b"\r\n" + LAST, [(200, b"GET ")]),
        (LAST.replace(b"1.1\r\nConnection: close", b"1.0"), [(200, b"GET ")]),
        (LAST + LAST, [(200, b"GET ")]),
        (POST + b"Expect: tea\r\nContent-Length: 1\r\n\r\nx", [(417, None)]),
        (POST + b"Content-Length: 99999999999\r\n\r\n", [(413, None)]),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n", [(414, None)]),
        (LAST[:-2] + b"X-Odd: " + b"x" * 9_000 + b"\r\n\r\n", [(431, None)]),
        (LAST[:-2] + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 8_000) for n in range(9)), [(431, None)]),
        (POST + b"Transfer-Encoding: smuggled\r\n\r\n", [(501, None)]),
        (LAST[:-2] + b"Transfer-Encoding: gzip\r\n\r\n", [(400, None)]),
    ],
)
def test_requests_are_answered_in_their_order(serving, octets, told):
    found = answers(say(serving.port, octets))

    assert [status for status, _ in found] == [status for status, _ in told]
    assert [body for (_, body), (_, wanted) in zip(found, told, strict=True) if wanted is not None] == [
        wanted for _, wanted in told if wanted is not None
    ]


def test_a_request_that_comes_octet_by_octet_is_answered(serving):
    request = POST + b"Connection: close\r\nContent-Length: 9\r\n\r\nname=Dana"

    assert answers(say(serving.port, *[request[n : n + 1] for n in range(len(request))])) == [(200, b"POST Dana")]


def test_a_client_that_asks_first_gets_100_continue(serving):
    with connect(serving.port) as line:
        line.sendall(POST + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 9\r\n\r\n")
        word = line.recv(1000)
        line.sendall(b"name=Dana")
        said = read_to_end(line)

    assert word == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answers(said) == [(200, b"POST Dana")]


def test_the_answer_to_head_has_a_length_and_no_body(serving):
    said = say(serving.port, LAST.replace(b"GET /test/echo/", b"HEAD /accounts/login/"))

    head, _, body = said.partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"")
    assert b"\r\nContent-Length: " in head


def test_a_client_that_has_said_all_and_closes_its_side_is_answered(serving):
    with connect(serving.port) as line:
        line.sendall(LAST.replace(b"Connection: close", b"X-Odd: 1"))
        line.shutdown(socket.SHUT_WR)
        said = read_to_end(line)

    assert answers(said) == [(200, b"GET ")]
