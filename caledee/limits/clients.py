"""Where a request comes from, as far as that cannot be made up."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

# A proxy may add the port: 192.0.2.1:50000, [2001:db8::1]:50000.
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+", re.ASCII)
# What one customer of a provider has at least (RFC 6177): more addresses than could ever be counted.
IPV6_PREFIX = 64
# And at most, in what is handed out to anybody.
IPV6_SITE_PREFIX = 48


def client_address(request: HttpRequest) -> str:
    """The address that sent the request to the first proxy of ours; without any proxy, to us.

    Each proxy adds on the right whom it was sent the request by, and whatever stands further left may have been sent
    by the client itself. So with TRUSTED_PROXY_COUNT proxies it is that many places from the right. Where fewer stand
    there, or no address does, the request did not come through all of them: then it is the sender of the connection.
    """
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    forwarded = parse_address(hops[-count]) if 0 < count <= len(hops) else None
    sender = parse_address(request.META.get("REMOTE_ADDR", ""))
    return str(forwarded or sender or "")


def client_network(request: HttpRequest) -> str:
    """By what limits count a client: its address; of IPv6 the network of /64 that the address is in."""
    return _network_of(request, IPV6_PREFIX)


def client_site(request: HttpRequest) -> str:
    """As `client_network`, but of IPv6 the /48: for what must stay scarce for somebody with thousands of networks."""
    return _network_of(request, IPV6_SITE_PREFIX)


def _network_of(request: HttpRequest, ipv6_prefix: int) -> str:
    text = client_address(request)
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), ipv6_prefix), strict=False))
    return text


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """IPv4 that is written as IPv6, as sockets for both do, is IPv4: else all of it would be one network."""
    text = text.strip()
    if with_port := WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
