"""Addresses that would lead into Caledee's own network. None of them is connected to.

Names are looked up in a table, and connections are recorded, never made.
"""

import socket
from datetime import timedelta
from ipaddress import ip_network

import pytest

from caledee.outgoing import (
    AddressMalformed,
    AddressRefused,
    EncryptionMissing,
    Network,
    NetworkRefused,
    RequestFailed,
    TooSlow,
    Unreachable,
    check_without_look_up,
    parse_address,
    request,
)

PUBLIC, PUBLIC_6 = "203.1.113.5", "2a01:4f8::5"
NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost6": ["::1"],
    "intranet": ["10.0.0.5"],
    "nas.local": ["192.168.1.20"],
    "metadata.google.internal": ["169.254.169.254"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "mixed.example": [PUBLIC, "10.0.0.5"],
    "mixed6.example": [PUBLIC_6, "fd00::5"],
    "mapped.example": ["::ffff:10.0.0.5"],
    "nothing.example": [],
    "calendar.example": [PUBLIC],
    "calendar6.example": [PUBLIC_6, PUBLIC],
    "xn--bcher-kva.example": [PUBLIC],
}
HOSTS = [
    # Loopback, in every spelling that the system's resolver reads
    *["127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "0", "0.0.0.0", "0.0.0.1"],
    *["2130706433", "0x7f000001", "0x7f.1", "0x7F.0x0.0x0.0x1", "017700000001", "0177.0.0.1", "127.0.0.0x1"],
    *["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
    *["localhost", "LOCALHOST", "localhost.", "localhost6", "127.0.0.1.nip.example"],
    # Private, link-local, shared, and the servers of clouds that answer with secrets
    *["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "100.100.100.200", "169.254.1.1"],
    *["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "168.63.129.16", "192.0.0.192"],
    *["[::ffff:169.254.169.254]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::1]", "[fec0::1]", "[fc00::1]"],
    *["intranet", "nas.local", "metadata.google.internal", "mapped.example", "mixed.example", "mixed6.example"],
    # For nobody or for everybody
    *["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"],
    *[
        "255.255.255.255",
        "192.88.99.1",
        "[ff02::1]",
        "[ff0e::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[5f00::1]",
        "[100::1]",
    ],
    # An IPv4 address within an IPv6 one
    *["[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::1]", "[2002:cb01:7105::1]"],
    *["[2001:0:7f00:1::1]", "[2001:0:cb01:7105::1]", "[::10.0.0.5]"],
    # Other digits and dots
    *["１２７.０.０.１", "127。0。0。1", "127．0．0．1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "⑯⑨。②⑤④。⑯⑨｡②⑤④", "%6c%6f%63alhost"],
]
ADDRESSES = [
    # What looks like the host is a user name, a path or a part of the query
    *["https://calendar.example@127.0.0.1/", "https://calendar.example:443@127.0.0.1/", "https://a@b@127.0.0.1/"],
    *["https://calendar.example%40127.0.0.1/", "https://127.0.0.1\\@calendar.example:22/", "https://[::1]@127.0.0.1/"],
    *["https://127.0.0.1#@calendar.example/", "https://127.0.0.1?@calendar.example/", "https:127.0.0.1/"],
    *["https://calendar.example\\@127.0.0.1/", "https:///127.0.0.1/", "https:/127.0.0.1/", "///127.0.0.1/"],
    # Line ends, tabs, NUL and spaces
    *["https://calendar.example\r\nHost: 127.0.0.1/", "https://127.0.0.1\t/", "https://calendar.example\n.evil/"],
    *[
        "https://calendar.example/\r\nX-Header: 1",
        "https://127.0.0.1\0.calendar.example/",
        "https://calendar .example/",
    ],
    *["https://127.0.0.1%00.calendar.example/", "https://127.0.0.1%0d%0a/", "https://calendar.example:443\r\n/"],
    # Ports of other services, and what is no port
    *["https://calendar.example:22/", "https://calendar.example:25/", "https://calendar.example:0x50/"],
    *["https://calendar.example:1023/", "https://calendar.example:65536/", "https://calendar.example:-1/"],
    *[
        "https://calendar.example:443:80/",
        "http://calendar.example:6379@10.0.0.1:22/",
    ],
    # No encryption, other protocols, no host
    *["http://calendar.example/", "http://calendar6.example/", "http://calendar.example:443/", f"http://{PUBLIC}/"],
    *["file:///etc/passwd", "ftp://calendar.example/", "gopher://127.0.0.1:6379/_x", "javascript:alert(1)", "data:,x"],
    *["unix:///run/docker.sock", "http+unix://%2Frun%2Fdocker.sock/", "ws://calendar.example/", "//127.0.0.1/", ""],
    *[
        "https://",
        "https:///",
        "https://./",
        "https://../",
        "https://[]/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
    ],
    *[
        "https://[calendar.example]/",
        "https://-/",
        "https://a..b/",
        f"https://{'a' * 64}.example/",
        "calendar.example",
    ],
    *[f"https://{'a.' * 130}example/", f"https://calendar.example/{'a' * 3000}", "webcal://127.0.0.1/", "webcal:///"],
    # Names without an address
    *["https://nothing.example/", "https://unknown.example/", "https://xn--/"],
]


class Recorder:
    """A network in which every connection is refused after it was recorded."""

    def __init__(self, names=NAMES):
        self.names, self.looked_up, self.connected = names, [], []
        self.network = Network(self.look_up, self.connect)

    def look_up(self, host, port):
        """Like the system's resolver, with a table instead of DNS."""
        self.looked_up.append(host)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except OSError:
            return self.names.get(host.lower(), [])
        return [sockaddr[0] for *_, sockaddr in found]

    def connect(self, address, port, timeout):
        self.connected.append((address, port))
        raise ConnectionRefusedError


@pytest.fixture
def recorder():
    return Recorder()


def ask(recorder, url, **rest):
    return request("GET", url, max_bytes=10, deadline=timedelta(seconds=5), network=recorder.network, **rest)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_of_no_public_network_is_not_connected_to(recorder, host):
    for scheme, port in (("http", ""), ("https", ""), ("webcal", ":443"), ("https", ":8443")):
        with pytest.raises((AddressRefused, AddressMalformed)):
            ask(recorder, f"{scheme}://{host}{port}/calendar.ics")

    assert recorder.connected == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_what_it_seems_is_not_connected_to(recorder, address):
    with pytest.raises((AddressRefused, AddressMalformed, Unreachable)):
        ask(recorder, address)

    assert recorder.connected == []


@pytest.mark.parametrize(
    ("address", "connections"),
    [
        ("https://calendar.example/", [(PUBLIC, 443)]),
        ("HTTPS://CALENDAR.example.:443/", [(PUBLIC, 443)]),
        ("webcal://calendar.example/", [(PUBLIC, 443)]),
        ("webcals://calendar.example:8443/", [(PUBLIC, 8443)]),
        ("https://calendar.example:80/", [(PUBLIC, 80)]),
        ("https://calendar.example:1024/", [(PUBLIC, 1024)]),
        ("https://127.0.0.1:x@calendar.example/", [(PUBLIC, 443)]),
        ("https://calendar6.example/", [(PUBLIC_6, 443), (PUBLIC, 443)]),
        ("https://bücher.example/", [(PUBLIC, 443)]),
        (f"https://{PUBLIC}/", [(PUBLIC, 443)]),
        (f"https://[{PUBLIC_6}]/", [(PUBLIC_6, 443)]),
        (" https://calendar.example/ ", [(PUBLIC, 443)]),
        # Where there is only IPv6, this is how a server with IPv4 is reached.
        (f"https://[64:ff9b::{PUBLIC}]/", [("64:ff9b::cb01:7105", 443)]),
    ],
)
def test_a_public_host_is_connected_to_at_the_address_that_was_checked(recorder, address, connections):
    with pytest.raises(Unreachable):
        ask(recorder, address)

    assert recorder.connected == connections


@pytest.mark.parametrize(
    ("address", "connections"),
    [
        ("http://nas.local/", [("192.168.1.20", 80)]),
        ("https://nas.local/", [("192.168.1.20", 443)]),
        ("http://192.168.1.20:5232/", [("192.168.1.20", 5232)]),
        ("http://[fd12::5]/", [("fd12::5", 80)]),
        ("http://[::ffff:192.168.1.20]/", [("::ffff:192.168.1.20", 80)]),
        ("webcal://nas.local/", [("192.168.1.20", 443)]),
    ],
)
def test_the_operators_networks_are_allowed_with_http_as_well(recorder, settings, address, connections):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("192.168.1.0/24"), ip_network("fd12::/16")]

    with pytest.raises(Unreachable):
        ask(recorder, address)

    assert recorder.connected == connections


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.2.20/",
        "https://intranet/",
        "https://mixed.example/",
        "http://calendar.example/",
        "http://192.168.1.20:22/",
        "http://half.example/",
    ],
)
def test_other_networks_stay_closed(recorder, settings, address):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("192.168.1.0/24")]
    recorder.names = NAMES | {"half.example": ["192.168.1.20", PUBLIC]}

    with pytest.raises(AddressRefused):
        ask(recorder, address)

    assert recorder.connected == []


def test_a_name_is_looked_up_once_even_if_it_changes(recorder):
    answers = [[PUBLIC], ["127.0.0.1"]]
    looked_up = []

    def rebinding(host, _port):
        looked_up.append(host)
        return answers[min(len(looked_up), len(answers)) - 1]

    recorder.network = Network(rebinding, recorder.connect)

    with pytest.raises(Unreachable):
        ask(recorder, "https://rebinding.example/")

    assert (looked_up, recorder.connected) == (["rebinding.example"], [(PUBLIC, 443)])


def test_a_name_with_very_many_addresses_is_checked_whole_and_connected_to_a_few_times(recorder):
    recorder.names = {"many.example": [f"203.1.113.{number}" for number in range(1, 200)]}
    with pytest.raises(Unreachable):
        ask(recorder, "https://many.example/")
    assert recorder.connected == [(f"203.1.113.{number}", 443) for number in range(1, 7)]

    recorder.names["many.example"].append("10.0.0.1")
    with pytest.raises(AddressRefused):
        ask(recorder, "https://many.example/")
    assert len(recorder.connected) == 6


def test_a_resolver_that_does_not_answer_is_given_up_in_time(recorder):
    never = socket.socketpair()

    def hang(_host, _port):
        never[0].recv(1)
        return []

    try:
        with pytest.raises(TooSlow):
            request(
                "GET",
                "https://slow.example/",
                max_bytes=10,
                deadline=timedelta(seconds=0.2),
                network=Network(hang, recorder.connect),
            )
    finally:
        never[1].send(b"x")
        for each in never:
            each.close()


@pytest.mark.parametrize("error", [OSError(), UnicodeError(), socket.gaierror(-2, "Name or service not known")])
def test_a_name_that_can_not_be_looked_up_is_unreachable(recorder, error):
    def fail(_host, _port):
        raise error

    with pytest.raises(Unreachable) as raised:
        request(
            "GET",
            "https://x.example/",
            max_bytes=10,
            deadline=timedelta(seconds=5),
            network=Network(fail, recorder.connect),
        )

    assert str(raised.value) == "x.example: no such host"


@pytest.mark.parametrize("name", ["X-A\r\nX-B", "X A", "", "X:"])
def test_a_header_with_a_malformed_name_is_not_sent(recorder, name):
    with pytest.raises(RequestFailed):
        ask(recorder, "https://calendar.example/", headers={name: "1"})


LITERAL = [host for host in HOSTS if host.strip("[]").lower() not in NAMES]


@pytest.mark.parametrize("host", LITERAL)
def test_a_private_address_is_refused_before_anything_is_looked_up(recorder, host):
    for scheme in ("http", "https"):
        with pytest.raises((AddressRefused, AddressMalformed)):
            check_without_look_up(parse_address(f"{scheme}://{host}/calendar.ics"), recorder.network)

    assert recorder.looked_up == recorder.connected == []


def test_a_public_address_or_a_name_is_judged_later(recorder, settings):
    for host in (PUBLIC, f"[{PUBLIC_6}]", "intranet", "calendar.example", "127.0.0.1.nip.example", "1.2.3.4.5"):
        check_without_look_up(parse_address(f"https://{host}/"), recorder.network)
        with pytest.raises(EncryptionMissing):
            check_without_look_up(parse_address(f"http://{host}/"), recorder.network)
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("192.168.1.0/24")]
    for host in ("192.168.1.20", "localhost:8000", "nas.localhost", "127.1", "nas.local"):
        check_without_look_up(parse_address(f"http://{host}/"), recorder.network)
    with pytest.raises(NetworkRefused):
        check_without_look_up(parse_address("http://192.168.2.20/"), recorder.network)
    with pytest.raises(EncryptionMissing):
        check_without_look_up(parse_address(f"http://{PUBLIC}/"), recorder.network)


def test_what_a_form_can_tell_without_a_look_up():
    with pytest.raises(AddressRefused):
        parse_address("https://calendar.example:25/")
    with pytest.raises(AddressMalformed):
        parse_address("calendar.example")
    assert (
        parse_address("webcal://Calendar.example/a").origin == parse_address("https://calendar.example:443/b").origin
    )
