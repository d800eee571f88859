"""Proxy headers are trusted if TRUST_X_FORWARDED_PROTO is on, and otherwise never."""

import socket

import pytest

from tests.support.serving import Serving, own_database

pytestmark = pytest.mark.django_db

CLAIMS = [
    "X-Forwarded-Proto: https",
    "X-Forwarded-Protocol: ssl",
    "X-Forwarded-Ssl: on",
    "Forwarded: proto=https",
    "X-Forwarded-Prefix: /test",
    "SCRIPT_NAME: /test",
    "X-Script-Name: /test",
    "PATH_INFO: /test/echo/",
    "Remote_Addr: 192.0.2.1",
    "X-Forwarded-Proto: http\r\nX-Forwarded-Ssl: on",
]
PLAIN = "http /test/scheme/ {} "


@pytest.fixture(scope="module", params=["off", "on"])
def served(request, django_db_setup, django_db_blocker, tmp_path_factory):
    trust = {"off": "", "on": "1"}[request.param]
    path = tmp_path_factory.mktemp("socket") / "web"
    with django_db_blocker.unblock(), own_database("proxied") as url:
        serving = Serving(url, TRUST_X_FORWARDED_PROTO=trust, FORWARDED_ALLOW_IPS="*")
        serving.start("--workers", "1", "--bind", f"unix:{path}")
        yield request.param, serving, str(path)
        serving.stop()


def ask(line, claim, first=b""):
    """Return what the application sees."""
    with line:
        head = f"GET /test/scheme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{claim}\r\n\r\n"
        line.sendall(first + head.encode())
        said = b""
        while piece := line.recv(65_536):
            said += piece
    return said.decode().rpartition("\r\n\r\n")[2]


def from_address(serving, source):
    return socket.create_connection(("127.0.0.1", serving.port), timeout=20, source_address=(source, 0))


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
def test_only_the_trusted_header_decides_the_scheme_of_a_request(served, source, claim):
    state, serving, _ = served
    is_https = state == "on" and claim == "X-Forwarded-Proto: https"

    seen = ask(from_address(serving, source), claim)

    assert seen == PLAIN.format(source).replace("http", "https" if is_https else "http")


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_local_socket_is_not_trusted_either(served, claim):
    state, _, path = served
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(20)
    line.connect(path)

    seen = ask(line, claim)

    assert seen.split() == ["https" if state == "on" and claim == CLAIMS[0] else "http", "/test/scheme/"]


def test_the_proxy_protocol_is_not_supported(served):
    _, serving, _ = served

    said = ask(from_address(serving, "127.0.0.1"), "X-Odd: 1", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")

    assert said == "400 Bad Request. Nothing was changed.\n"
