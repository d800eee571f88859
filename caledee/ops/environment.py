"""Parse environment variables into what Django expects. Uses no Django settings.

Errors never quote from a URL, because it can contain a password.
"""

import re
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from caledee.ops.base_url import NoHost, ascii_name

LONGEST_TIMEOUT = 300  # as RFC 5321, section 4.5.3.2, recommends
MOST_DAYS = 36_500
HIGHEST_PORT = 65_535
DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)
FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=", re.ASCII)  # 32 bytes in URL-safe base64
URL_SAFE = str.maketrans("+/", "-_")
# A database that disappears silently is noticed after this many seconds, or milliseconds.
TIMEOUTS = {"connect_timeout": "10", "tcp_user_timeout": "15000"}
# libpq checks these only when it connects.
NUMBERS = {"connect_timeout", "tcp_user_timeout", "keepalives", "keepalives_idle", "keepalives_interval"}
SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
MUST_BE_ENCODED = (
    "{} has a character that must be percent-encoded. In a user name or password write @ as %40, : as %3A, / as %2F, "
    "# as %23, ? as %3F, % as %25 and a space as %20."
)


def parse_database_url(url: str) -> dict[str, Any]:
    """Parse `postgresql://user:password@host:port/name?option=value` like libpq.

    A socket folder can be given as `?host=/folder`, or percent-encoded as the host: `%2Ffolder`.
    """
    given = _read_by_libpq(url.strip())
    name, host, port = given.pop("dbname", ""), given.pop("host", ""), given.pop("port", "")
    if not (name or "service" in given):
        raise ImproperlyConfigured("DATABASE_URL must name the database, as in postgresql://host/name.")
    if not all(_is_port(each) for each in port.split(",") if each):
        raise ImproperlyConfigured(f"The port in DATABASE_URL must be a number from 1 to {HIGHEST_PORT}.")
    _refuse_wrong_options(given)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": ",".join(_ascii_host("DATABASE_URL", each) for each in host.split(",")),
        "PORT": port,
        "OPTIONS": TIMEOUTS | given,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def parse_email_url(url: str) -> dict[str, Any]:
    """Parse `smtp://`, `smtp+starttls://`, `smtps://user:password@host:port`, `file:///folder` or `console:`.

    `?timeout=` is in seconds, 60 by default. It limits each reply of a mail server up to the end of an email, whose
    own reply has ten minutes.
    """
    parts = _split("EMAIL_URL", url.strip())
    match parts.scheme:
        case "smtp" | "smtp+starttls" | "smtps":
            return _smtp_mailer(parts)
        case "file":
            return {"BACKEND": "caledee.email.files.EmailBackend", "OPTIONS": {"folder": _folder(parts)}}
        case "console":
            return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    raise ImproperlyConfigured(
        "EMAIL_URL must begin with smtp://, smtp+starttls://, smtps:// or file:///, or be console:."
    )


def parse_days(variable: str, text: str) -> int | None:
    """Return a number of days, 1 or more, or None if it is not set."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MOST_DAYS:
        raise ImproperlyConfigured(f"{variable} must be a number of days from 1 to {MOST_DAYS}, not {text!r}.")
    return int(text)


def _read_by_libpq(url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    _refuse_unencoded("DATABASE_URL", url)
    _refuse_unknown_options("DATABASE_URL", url.partition("?")[2], _options_of_libpq())
    try:
        return conninfo_to_dict(url)
    except (psycopg.ProgrammingError, ValueError):
        # Drops the cause, which quotes the URL.
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name?option=value; part of it is "
            "malformed."
        ) from None


def _options_of_libpq() -> set[str]:
    return {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}


def _refuse_unencoded(variable: str, url: str) -> None:
    """Refuse unencoded separators: a password that contains one would be cut off and its rest used as the host."""
    rest = url.partition("://")[2]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    login, _, _ = authority.rpartition("@")
    signs = "@" in login or ":" in login.partition(":")[2] or "@" in rest[len(authority) :] or "#" in rest
    if signs or re.search(r"[\s\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})|%00", rest):
        raise ImproperlyConfigured(MUST_BE_ENCODED.format(variable))


def _refuse_unknown_options(variable: str, query: str, known: set[str]) -> None:
    unknown = sorted({name for name, _ in parse_qsl(query, keep_blank_values=True)} - known)
    if unknown:
        # Quote only what looks like an option: anything else could be part of a password.
        named = f" {unknown[0]}" if re.fullmatch("[a-z_]{3,30}", unknown[0]) else ""
        raise ImproperlyConfigured(f"{variable} has an option{named} after the ? that does not exist.")


def _refuse_wrong_options(given: dict[str, Any]) -> None:
    for name in sorted(NUMBERS & given.keys()):
        if not (given[name].isascii() and given[name].isdecimal()):
            raise ImproperlyConfigured(f"The option {name} in DATABASE_URL must be a whole number.")
    if given.get("sslmode", "prefer") not in SSL_MODES:
        raise ImproperlyConfigured(
            f"The option sslmode in DATABASE_URL must be one of {', '.join(sorted(SSL_MODES))}."
        )


def parse_networks(variable: str, text: str) -> list[IPv4Network | IPv6Network]:
    """Parse networks separated by commas. A single address is a network of its own."""
    return [_parse_network(variable, part.strip()) for part in text.split(",") if part.strip()]


def _parse_network(variable: str, part: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(part)
    except ValueError:
        raise ImproperlyConfigured(
            f"{variable} must be networks such as 192.168.1.0/24, separated by commas, not {part!r}."
        ) from None


def parse_keys(variable: str, text: str) -> list[str]:
    """Parse keys of 32 bytes in base64, separated by commas. Returns them as Fernet takes them; errors quote none."""
    keys = [part.strip().translate(URL_SAFE) for part in text.split(",") if part.strip()]
    if not all(FERNET_KEY.fullmatch(key) for key in keys):
        raise ImproperlyConfigured(
            f"{variable} must be keys as `openssl rand -base64 32` makes them, separated by commas."
        )
    return keys


def parse_domains(variable: str, text: str) -> frozenset[str]:
    """Parse domains separated by commas, as in email addresses. Returns them in ASCII for comparison."""
    return frozenset(_parse_domain(variable, part) for part in text.split(",") if part.strip())


def _parse_domain(variable: str, part: str) -> str:
    with suppress(ValueError):
        domain = ascii_domain(part.strip().removeprefix("@"))
        if DOMAIN.fullmatch(domain):
            return domain
    raise ImproperlyConfigured(f"{variable} must be domains such as example.com, not {part.strip()!r}.")


def ascii_domain(domain: str) -> str:
    """Return the domain in ASCII. Raises ValueError if it is invalid."""
    return domain.encode("idna").decode("ascii").lower()


def _smtp_mailer(parts: SplitResult) -> dict[str, Any]:
    default_port = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}[parts.scheme]
    if bool(parts.username) != bool(parts.password):
        raise ImproperlyConfigured("EMAIL_URL must have both a user name and a password, or neither.")
    _refuse_unknown_options("EMAIL_URL", parts.query, {"timeout"})
    return {
        "BACKEND": "caledee.email.smtp.EmailBackend",
        "OPTIONS": {
            "host": _ascii_host("EMAIL_URL", parts.hostname or "localhost"),
            "port": parts.port or default_port,
            "username": _decoded("EMAIL_URL", parts.username or ""),
            "password": _decoded("EMAIL_URL", parts.password or ""),
            "use_tls": parts.scheme == "smtp+starttls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": _seconds(dict(parse_qsl(parts.query)).get("timeout", "60")),
        },
    }


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise ImproperlyConfigured(f"The timeout in EMAIL_URL must be a number of seconds up to {LONGEST_TIMEOUT}.")
    return seconds


def _folder(parts: SplitResult) -> str:
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            "EMAIL_URL must contain the full path of a folder, such as file:///var/mail/caledee."
        )
    return _decoded("EMAIL_URL", parts.path)


def _split(variable: str, url: str) -> SplitResult:
    if not url.startswith("file:"):
        _refuse_unencoded(variable, url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Drops the cause, which quotes the URL.
        raise ImproperlyConfigured(f"{variable} is malformed: its host or port cannot be read.") from None
    if parts.scheme.startswith("smtp") and (not url.startswith(f"{parts.scheme}://") or parts.path.strip("/")):
        raise ImproperlyConfigured(f"{variable} must look like smtp://user:password@host:port, without a path.")
    if port == 0:
        raise ImproperlyConfigured(f"The port in {variable} must be a number from 1 to {HIGHEST_PORT}.")
    return parts


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= HIGHEST_PORT


def _ascii_host(variable: str, host: str) -> str:
    """Return an international name as punycode, and anything else, such as a socket folder, unchanged."""
    try:
        return host if host.isascii() or host.startswith("/") else ascii_name(host)
    except NoHost:
        raise ImproperlyConfigured(f"The host in {variable} is not a host name.") from None


def _decoded(variable: str, text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ImproperlyConfigured(MUST_BE_ENCODED.format(variable)) from None
