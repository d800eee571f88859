"""Requests that no browser sends, octet by octet: the real server responds or hangs up, and keeps running."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

LARGE = b"x" * 100_000
GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /ada/intro/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
REQUESTS = {
    "no length": POST + b"\r\nname=x",
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 6\r\n\r\nname=x",
    "length of nothing": POST + b"Content-Length: x\r\n\r\nname=x",
    "negative length": POST + b"Content-Length: -1\r\n\r\nname=x",
    "length in Arabic digits": POST + "Content-Length: ٦\r\n\r\nname=x".encode(),
    "huge length": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "shorter than it says": POST + b"Content-Length: 60\r\n\r\nname=x",
    "chunked": POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nname=x\r\n0\r\n\r\n",
    "broken chunks": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nname=x\r\n",
    "chunked and long": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
    "unknown coding": POST + b"Transfer-Encoding: smuggled\r\n\r\nname=x",
    "no host": b"GET /accounts/login/ HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    "another host": b"GET http://evil.example/accounts/login/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "host of octets": b"GET /accounts/login/ HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    "octets in the address": b"GET /\xff\xfe/?x=\xc3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "broken UTF-8 in the address": b"GET /ada/%ff%fe/?slot=%c3%28 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "NUL in the address": b"GET /ada/\x00/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "encoded NUL in the address": b"GET /ada/%00/?slot=%00&time_zone=%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long address": b"GET /" + LARGE + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "out of the folder": b"GET /static/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "out of the folder, encoded": b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "two slashes": b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no slash": b"GET accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "unknown method": b"SMUGGLE /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    "NUL in a header": GET + b"X-Odd: a\x00b\r\n\r\n",
    "lone CR in a header": GET + b"X-Odd: a\rX-Smuggled: 1\r\n\r\n",
    "folded header": GET + b"X-Odd: a\r\n b\r\n\r\n",
    "header without a name": GET + b": x\r\n\r\n",
    "space in a name": b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
    "long header": GET + b"X-Odd: " + LARGE + b"\r\n\r\n",
    "1,000 headers": GET + b"" + b"X-Odd: 1\r\n" * 1_000 + b"\r\n",
    "octets in a cookie": GET + b"Cookie: sessionid=\xff\xfe; csrftoken=\x80\r\n\r\n",
    "escapes in a cookie": b'GET /one-offs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid="\\000"\r\n\r\n',
    "octets in a type": POST + b"Content-Type: \xff; charset=\xfe\r\nContent-Length: 1\r\n\r\nx",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
    "nothing": b"\r\n\r\n",
}  # fmt: skip


def say(port: int, octets: bytes) -> bytes:
    """Return the whole response, until the server hangs up or the response is complete."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        said = b""
        with suppress(OSError):  # hung up already
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65_536):
                said += piece
        return said


@pytest.mark.parametrize("name", REQUESTS)
def test_server_answers_or_hangs_up_and_goes_on(demo_server, name):
    port = urlsplit(demo_server.url).port

    said = say(port, REQUESTS[name])

    first = said.split(b"\r\n", 1)[0]
    assert not said or first.startswith(b"HTTP/1."), said[:200]
    # 501 and 505 are what the server says of codings and versions that it does not know.
    status = int(first.split()[1]) if said else 0
    assert status < 500 or status in {501, 505}, said[:200]
    assert b"root:" not in said
    assert b"X-Smuggled" not in said
    # Nothing of a body is taken for a request, or what is taken is refused.
    assert said.count(b"HTTP/1.1 ") - said.count(b"HTTP/1.1 400 ") <= 1
    assert say(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").endswith(b"ok")
