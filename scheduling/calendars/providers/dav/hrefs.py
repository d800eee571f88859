"""Where the links in the answers of a CalDAV server lead. Passwords go to the server that the person named."""

import re
from urllib.parse import unquote, urljoin, urlsplit

from caledee.outgoing import AddressMalformed, AddressRefused, Origin, parse_address

# iCloud answers at a common address, and keeps each account's calendars on one of its numbered servers.
ICLOUD = re.compile(r"(p\d{1,4}-)?caldav\.icloud\.com", re.ASCII)
DEFAULT_PORTS = {"http": 80, "https": 443}


def resolve(base: str, href: str) -> str | None:
    """Return the address of a link in an answer from `base`, or None if it leads to another server.

    A server behind a proxy often gives links to itself with `http:`. They become `https:` again.
    """
    try:
        home = parse_address(base)
        target = parse_address(urljoin(str(home.url), href.strip()))
    except (AddressMalformed, AddressRefused, ValueError):
        return None
    if _is_same_without_encryption(home.origin, target.origin):
        return str(target.url.copy_with(scheme="https", port=home.url.port))
    return str(target.url) if _is_trusted(home.origin, target.origin) else None


def path_of(address: str) -> str:
    """Return the path, to compare addresses of one server. They differ in escaped characters and in a final slash."""
    return unquote(urlsplit(address).path).rstrip("/")


def _is_trusted(home: Origin, target: Origin) -> bool:
    return target == home or (_is_icloud(home) and _is_icloud(target)) or _adds_encryption(home, target)


def _is_icloud(origin: Origin) -> bool:
    return origin.scheme == "https" and origin.port == DEFAULT_PORTS["https"] and bool(ICLOUD.fullmatch(origin.host))


def _adds_encryption(home: Origin, target: Origin) -> bool:
    """Return whether this is the same host by https instead of http, both at their usual ports."""
    return home == Origin("http", target.host, 80) and target == Origin("https", home.host, 443)


def _is_same_without_encryption(home: Origin, target: Origin) -> bool:
    return (home.scheme, target.scheme, home.host) == ("https", "http", target.host) and (
        target.port in {home.port, DEFAULT_PORTS["http"]}
    )
