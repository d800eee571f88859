"""Which addresses Caledee sends requests to. Pure: looks up no names."""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx2

from caledee.outgoing.errors import AddressMalformed, AddressRefused, EncryptionMissing, NetworkRefused

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

DEFAULT_PORTS = {"http": 80, "https": 443}
# `webcal:` only says that a calendar app should open the address.
MEANING_HTTPS = {"webcal", "webcals"}
UNPRIVILEGED_PORTS = range(1024, 65_536)
LONGEST_ADDRESS = 2000
LOCALHOST = "localhost"
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)

GLOBAL_UNICAST = IPv6Network("2000::/3")
# On a network without IPv4, DNS answers with these for every IPv4 server (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")
NEVER: list[IPNetwork] = [
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, given up by RFC 7526
    IPv4Network("168.63.129.16/32"),  # the host of a virtual machine at Azure, which answers with its secrets
    IPv6Network("2001::/32"),  # Teredo: contains an IPv4 address, which can be private
    IPv6Network("2002::/16"),  # 6to4: likewise
    IPv6Network("3fff::/20"),  # for documentation (RFC 9637), which older versions of Python don't know
]


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, for Basic or Digest authentication."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes. `url` has neither a login nor a fragment."""

    url: httpx2.URL = field(repr=False)
    origin: Origin
    login: Login | None


def parse_address(text: str) -> Address:
    """Parse a typed or received address, and take a login out of it.

    `webcal:` becomes `https:`, and nothing falls back to `http:`. Raises AddressMalformed, or AddressRefused for a
    port that is never used.
    """
    if len(text) > LONGEST_ADDRESS:
        raise AddressMalformed
    try:
        url = httpx2.URL(text.strip())
    except (httpx2.InvalidURL, ValueError):
        raise AddressMalformed from None
    origin = _origin_of(url)
    if not may_use_port(origin.port):
        raise AddressRefused(origin.host, "requests to this port aren't allowed")
    login = Login(url.username, url.password) if url.userinfo else None
    return Address(_bare(url, origin), origin, login)


def _origin_of(url: httpx2.URL) -> Origin:
    scheme = "https" if url.scheme in MEANING_HTTPS else url.scheme
    # A certificate names the host without the dot.
    host = url.raw_host.decode("ascii").removesuffix(".")
    if scheme not in DEFAULT_PORTS or not (HOST_NAME.fullmatch(host) or _is_ipv6(host)):
        raise AddressMalformed
    return Origin(scheme, host, url.port or DEFAULT_PORTS[scheme])


def _bare(url: httpx2.URL, origin: Origin) -> httpx2.URL:
    port = None if origin.port == DEFAULT_PORTS[origin.scheme] else origin.port
    return url.copy_with(scheme=origin.scheme, host=origin.host, port=port, userinfo=b"", fragment=None)


def may_use_port(port: int) -> bool:
    return port in DEFAULT_PORTS.values() or port in UNPRIVILEGED_PORTS


def check_networks(origin: Origin, found: Sequence[str], allowed: Iterable[IPNetwork]) -> None:
    """Raise NetworkRefused or EncryptionMissing unless every address that was found for this host can be asked.

    Addresses on the internet can be asked by https. Those in `allowed` can be asked by http as well.
    """
    outside = [address for address in map(_effective, found) if not _is_in(address, allowed)]
    if not all(map(is_public, outside)):
        raise NetworkRefused(origin.host)
    if outside and origin.scheme != "https":
        raise EncryptionMissing(origin.host)


def literal_addresses(host: str) -> list[str]:
    """Return the IP addresses that a host stands for without a look-up: if it is one, or `localhost` (RFC 6761)."""
    if host == LOCALHOST or host.endswith(f".{LOCALHOST}"):
        return ["127.0.0.1"]
    if _is_ipv6(host):
        return [host]
    try:
        # Reads all spellings that the system's resolver does, such as 127.1 and 0x7f000001.
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return []


def is_public(address: IPAddress) -> bool:
    """Return whether this is a host on the internet, and not an address that leads somewhere else."""
    if address.is_multicast or not address.is_global or _is_in(address, NEVER):
        return False
    return isinstance(address, IPv4Address) or address in GLOBAL_UNICAST


def _effective(text: str) -> IPAddress:
    """Return the address that is reached in the end: the IPv4 one within an IPv6 one that only wraps it."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def _is_in(address: IPAddress, networks: Iterable[IPNetwork]) -> bool:
    return any(address in network for network in networks)


def _is_ipv6(host: str) -> bool:
    try:
        return not IPv6Address(host).scope_id
    except ValueError:
        return False
