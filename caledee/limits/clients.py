"""Find out where a request comes from, without trusting what the client can forge."""

import logging
import re
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

logger = logging.getLogger(__name__)

# A proxy can add the port: 192.0.2.1:50000, [2001:db8::1]:50000.
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+", re.ASCII)
# The smallest network of a customer (RFC 6177), with more addresses than anyone could count.
IPV6_PREFIX = 64
# The largest network of a customer.
IPV6_SITE_PREFIX = 48


def detect_unknown_proxies(get_response: Callable[[HttpRequest], HttpResponseBase]) -> object:
    """Middleware: warn about a proxy that is not configured, as it makes all clients count as one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0 and "X-Forwarded-For" in request.headers:
            warn_about_unknown_proxy()
        return get_response(request)

    return middleware


@cache
def warn_about_unknown_proxy() -> None:
    """Log the warning once per process."""
    logger.warning(
        "A request came with X-Forwarded-For, but TRUSTED_PROXY_COUNT is 0. If your proxy added it, set "
        "TRUSTED_PROXY_COUNT to the number of your proxies. Until then, limits count all clients as one."
    )


def client_address(request: HttpRequest) -> str:
    """Return the address that sent the request to our first proxy, or to us if there is none.

    Each proxy appends the sender of the request, and the client can forge everything further left. With
    TRUSTED_PROXY_COUNT proxies the address is that many entries from the right. If there are fewer entries, or that
    entry is no address, the request bypassed a proxy: use the sender of the connection.
    """
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    forwarded = parse_address(hops[-count]) if 0 < count <= len(hops) else None
    sender = parse_address(request.META.get("REMOTE_ADDR", ""))
    return str(forwarded or sender or "")


def client_network(request: HttpRequest) -> str:
    """Return the network that limits count a client by: its IPv4 address, or its IPv6 /64."""
    return _network_of(request, IPV6_PREFIX)


def client_site(request: HttpRequest) -> str:
    """Like `client_network`, but with the IPv6 /48: for limits that must hold against a client with many networks."""
    return _network_of(request, IPV6_SITE_PREFIX)


def _network_of(request: HttpRequest, ipv6_prefix: int) -> str:
    text = client_address(request)
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), ipv6_prefix), strict=False))
    return text


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address, and turn IPv4-mapped IPv6 into IPv4: otherwise all of IPv4 would be one network."""
    text = text.strip()
    if with_port := WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
