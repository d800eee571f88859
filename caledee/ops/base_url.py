"""Parse BASE_URL and ALLOWED_HOSTS into the form that browsers send. Uses no Django settings.

Browsers send host names in lower case, international ones as punycode, and IPv6 addresses shortened and in brackets.
Hosts that no browser would send are refused here, because they would never match.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_NAME = 253
# Python encodes international names by IDNA 2003, which treats these differently from browsers.
AMBIGUOUS = re.compile("[ßς\u200c\u200d]", re.I)


class NoHost(ValueError):
    """A browser cannot request this host. The text says why."""


def parse_base_url(text: str) -> str:
    """Normalize a URL: `https://Bücher.example:443/` becomes `https://xn--bcher-kva.example`."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise _refused("its host or port is malformed") from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or re.search(r"\s", text.strip()):
        raise ImproperlyConfigured("BASE_URL must be a full URL, such as https://caledee.example.com.")
    if reason := _find_excess(parts, port):
        raise _refused(reason)
    try:
        host = browser_host(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    except NoHost as error:
        raise _refused(str(error)) from None
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != DEFAULT_PORTS[parts.scheme] else "")


def _find_excess(parts: SplitResult, port: int | None) -> str:
    if parts.username is not None or parts.password is not None:
        return "it cannot hold a user name or password"
    if parts.path.strip("/"):
        return "it cannot have a path: Caledee is served at the root of a host name"
    if parts.query or parts.fragment:
        return "it cannot have anything after a ? or #"
    return "there is no port 0" if port == 0 else ""


def _refused(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"BASE_URL must be a URL such as https://caledee.example.com; {reason}.")


def host_of(base_url: str) -> str:
    """Return the host without the port, as in a `Host` header: IPv6 in brackets."""
    host = urlsplit(base_url).hostname or ""
    return f"[{host}]" if ":" in host else host


def parse_hosts(text: str, own: str) -> list[str]:
    """Return `own`, the host of BASE_URL, and the hosts in ALLOWED_HOSTS, which are separated by commas.

    Ports are dropped, because Django ignores them. `.example.com` matches all its subdomains, `*` every host.
    """
    hosts = [own]
    for said in filter(None, (part.strip() for part in text.split(","))):
        try:
            hosts.append(_pattern(said))
        except NoHost as error:
            raise ImproperlyConfigured(
                "ALLOWED_HOSTS must be host names separated by commas, such as "
                f"caledee.example.com, .example.net; {error}."
            ) from None
    return list(dict.fromkeys(hosts))


def _pattern(said: str) -> str:
    if said == "*":
        return said
    if said.startswith("."):
        return f".{browser_host(said[1:])}"
    return browser_host(said if said.count(":") > 1 else re.sub(r":\d*$", "", said))


def browser_host(text: str) -> str:
    """Return the host as browsers write it. Raises NoHost if they cannot, or differ."""
    if text.startswith("[") or text.count(":") > 1:
        return _ipv6(text)
    host = ascii_name(text.removesuffix("."))
    if host.rpartition(".")[2].isdecimal():
        return _ipv4(host)
    if len(host) > LONGEST_NAME or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise NoHost(f"“{text}” is not a host name")
    return host


def ascii_name(name: str) -> str:
    """Return an international host name as punycode, in lower case. Raises NoHost if there is none."""
    if AMBIGUOUS.search(name):
        raise NoHost(f"“{name}” has different punycode forms: use the one that browsers show")
    try:
        return name.encode("idna").decode("ascii").lower() if name else name
    except UnicodeError:
        raise NoHost(f"“{name}” is not a host name") from None


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise NoHost(f"“{text}” is not an IPv4 address") from None


def _ipv6(text: str) -> str:
    bare = re.sub(r"^\[(.*)\](:\d*)?$", r"\1", text)
    try:
        address = IPv6Address(bare)
    except AddressValueError:
        raise NoHost(f"“{text}” is not an IPv6 address") from None
    if address.scope_id or address.ipv4_mapped:
        raise NoHost(f"“{text}” is an IPv6 address that browsers write differently")
    return f"[{address.compressed}]"
