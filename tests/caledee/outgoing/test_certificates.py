"""Encryption: the server must be the host that was asked for."""

import socket
from datetime import timedelta

import pytest

from caledee.outgoing import CertificateRefused, Network, RequestFailed, Unreachable, request
from tests.support.certificates import Authority
from tests.support.scripted import reply, serving


@pytest.fixture(scope="module")
def authority():
    return Authority()


def ask(server, authority, host):
    network = Network(look_up=lambda _host, _port: ["127.0.0.1"], tls=lambda: authority.client)
    return request("GET", server.url(host=host), max_bytes=10, deadline=timedelta(seconds=5), network=network)


@pytest.mark.parametrize("host", ["calendar.example", "CALENDAR.example.", "127.0.0.1"])
def test_a_valid_certificate_is_accepted(authority, host):
    tls = authority.server("calendar.example", "127.0.0.1")

    with serving(reply(body=b"x"), tls=tls) as server:
        assert ask(server, authority, host).body == b"x"


@pytest.mark.parametrize("host", ["other.example", "sub.calendar.example", "127.0.0.2"])
def test_a_certificate_of_another_host_is_refused(authority, host):
    with (
        serving(reply(), tls=authority.server("calendar.example", "127.0.0.1")) as server,
        pytest.raises(CertificateRefused) as raised,
    ):
        ask(server, authority, host)

    assert str(raised.value) == f"{host}: no valid certificate"
    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority):
    with (
        serving(reply(), tls=Authority().server("calendar.example")) as server,
        pytest.raises(CertificateRefused),
    ):
        ask(server, authority, "calendar.example")

    assert server.requests == []


def test_the_system_decides_which_authorities_are_trusted(authority):
    network = Network(look_up=lambda _host, _port: ["127.0.0.1"])

    with serving(reply(), tls=authority.server("calendar.example")) as server, pytest.raises(CertificateRefused):
        request(
            "GET",
            server.url(host="calendar.example"),
            max_bytes=10,
            deadline=timedelta(seconds=5),
            network=network,
        )

    assert server.requests == []


def test_an_expired_certificate_is_refused(authority):
    tls = authority.server("calendar.example", lasting=timedelta(seconds=-1))

    with serving(reply(), tls=tls) as server, pytest.raises(CertificateRefused):
        ask(server, authority, "calendar.example")

    assert server.requests == []


def test_a_server_without_encryption_is_unreachable_by_https(authority):
    with serving(reply(), greeting=reply("400 Bad Request")) as server:
        server.scheme = "https"

        with pytest.raises(Unreachable, match="no encrypted connection"):
            ask(server, authority, "calendar.example")


def test_a_handshake_that_never_ends_is_over_in_time(authority):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        network = Network(look_up=lambda _host, _port: ["127.0.0.1"], tls=lambda: authority.client)
        url = f"https://calendar.example:{listener.getsockname()[1]}/"

        with pytest.raises(RequestFailed) as raised:
            request("GET", url, max_bytes=10, deadline=timedelta(seconds=0.2), network=network)

    assert str(raised.value) == "calendar.example: no complete answer in time"
