"""Servers that want to hold Caledee up, fill its memory, or pass off a part as the whole."""

import gzip
import time
import tracemalloc
import zlib
from datetime import timedelta

import pytest

from caledee.outgoing import AnswerBroken, AnswerTooLarge, RequestFailed, TooSlow, Unreachable, request
from tests.support.scripted import ending, repeating, reply, serving, silent

SHORT = timedelta(seconds=0.3)
OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTE = 1024 * 1024
# The machine may be busy, and none of these servers would ever end.
AT_MOST = 3


def ask(server, *, method="GET", max_bytes=MEGABYTE, deadline=timedelta(seconds=60), body=None):
    return request(method, server.url("/secret?key=1"), max_bytes=max_bytes, deadline=deadline, body=body)


def deflated(size, encoder):
    """A body that would be this large, made in pieces."""
    zeros = bytes(MEGABYTE)
    return b"".join(encoder.compress(zeros) for _ in range(size // MEGABYTE)) + encoder.flush()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(silent, id="silent"),
        pytest.param(repeating(b"HT", b"T", seconds=0.02), id="status line in drops"),
        pytest.param(repeating(OK, b"X: y\r\n", seconds=0.02), id="headers in drops"),
        pytest.param(repeating(OK + b"Content-Length: 9999\r\n\r\n", b".", seconds=0.02), id="body in drops"),
        pytest.param(
            repeating(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n", seconds=0.02), id="chunks in drops"
        ),
        pytest.param(repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n", seconds=0.02), id="promises in drops"),
    ],
)
def test_a_server_that_is_too_slow_is_given_up_in_time(script):
    started = time.monotonic()

    with serving(script) as server, pytest.raises(TooSlow) as raised:
        ask(server, deadline=SHORT)

    assert str(raised.value) == "127.0.0.1: no complete answer in time"
    assert time.monotonic() - started < AT_MOST


def test_a_server_that_takes_nothing_is_given_up_in_time():
    with serving(silent) as server, pytest.raises(TooSlow):
        ask(server, method="PUT", body=bytes(30 * MEGABYTE), deadline=SHORT)


def test_the_deadline_counts_for_all_redirects_together():
    def slow_redirect(connection, stopping):
        stopping.wait(0.15)
        connection.sendall(reply("302 Found", Location="/"))

    with serving(slow_redirect) as server, pytest.raises(TooSlow):
        ask(server, deadline=SHORT)

    assert 1 <= len(server.requests) <= 3


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(repeating(OK + b"\r\n", b"." * 65536), id="endless"),
        pytest.param(
            repeating(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"." * 65536 + b"\r\n"),
            id="endless chunks",
        ),
        pytest.param(repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99), id="endless promises"),
        pytest.param(
            repeating(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 9999 + b"\r\n.\r\n"),
            id="chunks with long extensions",
        ),
        pytest.param(OK + b"Content-Length: 1048577\r\n\r\n", id="announced"),
        pytest.param(OK + b"Content-Length: 99999999999999999\r\n\r\n", id="announced as gigantic"),
        pytest.param(reply("404 Not Found", bytes(MEGABYTE + 1)), id="an error"),
        pytest.param(reply("302 Found", bytes(MEGABYTE + 1), Location="/"), id="a redirect"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read_to_its_end(script):
    with serving(script) as server, pytest.raises(AnswerTooLarge) as raised:
        ask(server)

    assert str(raised.value) == "127.0.0.1: the answer is too large"


def test_very_many_tiny_chunks_are_not_read_even_if_they_are_not_too_large():
    script = repeating(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n" * 999)

    with serving(script) as server, pytest.raises(AnswerTooLarge):
        ask(server, max_bytes=100 * MEGABYTE)


def test_an_answer_of_exactly_the_largest_size_is_read():
    with serving(reply(body=bytes(MEGABYTE))) as server:
        assert len(ask(server).body) == MEGABYTE


@pytest.mark.parametrize(("encoding", "bits"), [("gzip", 31), ("deflate", 15)])
def test_a_small_answer_that_becomes_large_is_not_decompressed(encoding, bits):
    bomb = deflated(100 * MEGABYTE, zlib.compressobj(9, zlib.DEFLATED, bits))
    assert len(bomb) < MEGABYTE
    with serving(reply(body=bomb, Content_Encoding=encoding)) as server:
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLarge):
                ask(server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 8 * MEGABYTE


def test_compressed_answers_count_with_their_real_size():
    with serving(reply(body=gzip.compress(bytes(MEGABYTE)), Content_Encoding="gzip")) as server:
        assert len(ask(server).body) == MEGABYTE

    more = gzip.compress(bytes(MEGABYTE + 1))
    with serving(reply(body=more, Content_Encoding="gzip")) as server, pytest.raises(AnswerTooLarge):
        ask(server)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ending(OK + b"Content-Length: 20\r\n\r\nBEGIN:VCALENDAR"), id="shorter than announced"),
        pytest.param(ending(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nBEGIN\r\n"), id="without the last chunk"),
        pytest.param(ending(OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nBEGIN\r\n"), id="a wrong chunk"),
        pytest.param(reply(body=gzip.compress(b"BEGIN:VCALENDAR")[:-9], Content_Encoding="gzip"), id="half a gzip"),
        pytest.param(reply(body=gzip.compress(b"BEGIN") * 2, Content_Encoding="gzip"), id="two gzips"),
        pytest.param(reply(body=b"BEGIN:VCALENDAR", Content_Encoding="gzip"), id="no gzip"),
        pytest.param(reply(body=b"x", Content_Encoding="gzip, gzip"), id="twice compressed"),
        pytest.param(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", id="two lengths"),
        pytest.param(OK + b"Content-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(repeating(OK, b"X: " + b"y" * 1000 + b"\r\n"), id="endless headers"),
        pytest.param(repeating(OK + b"X: ", b"y" * 1000), id="an endless header"),
        pytest.param(ending(OK + b"no header\r\n\r\n"), id="a malformed header"),
        pytest.param(ending(b"SSH-2.0-OpenSSH_9.9\r\n"), id="another protocol"),
        pytest.param(ending(b"<html>Hello</html>"), id="no protocol"),
        pytest.param(ending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), id="another protocol is next"),
        pytest.param(repeating(b"", b"\r\n", seconds=0.02), id="empty lines"),
        pytest.param(ending(), id="nothing"),
    ],
)
def test_a_part_or_something_else_is_not_taken_for_an_answer(script):
    with serving(script) as server, pytest.raises(AnswerBroken) as raised:
        ask(server)

    assert str(raised.value).startswith("127.0.0.1: ")


def test_more_than_announced_is_not_read():
    with serving(ending(OK + b"Content-Length: 5\r\n\r\nBEGIN:VCALENDAR")) as server:
        assert ask(server).body == b"BEGIN"


def test_a_connection_that_breaks_is_unreachable():
    def reset(connection, _stopping):
        connection.sendall(OK + b"Content-Length: 20\r\n\r\nBEGIN")
        connection.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER of 0 seconds: close by a reset

    with serving(reset) as server, pytest.raises(RequestFailed) as raised:
        ask(server)

    assert type(raised.value) in {Unreachable, AnswerBroken}


def test_an_early_refusal_of_a_large_body_is_the_answer():
    def refuse(connection, _stopping):
        connection.sendall(reply("413 Too Large", b"too large", Connection="close"))

    with serving(refuse) as server:
        assert ask(server, method="PUT", body=b"x").status == 413


def test_a_server_that_is_gone_is_unreachable():
    with serving(reply()) as server:
        pass

    with pytest.raises(Unreachable) as raised:
        ask(server)

    assert str(raised.value) == "127.0.0.1: can't be reached"
