"""What the settings read from the environment, turned into what Django wants. No Django settings here."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LONGEST_TIMEOUT = 300  # what RFC 5321, section 4.5.3.2, asks for
MOST_DAYS = 36_500
# A database that is gone without a word is noticed within so many seconds, and milliseconds.
IMPATIENT = {"connect_timeout": "10", "tcp_user_timeout": "15000"}


def parse_database_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value`; a socket's folder goes in as `?host=/folder`."""
    parts = _split("DATABASE_URL", url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": IMPATIENT | dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def parse_email_url(url: str) -> dict[str, Any]:
    """`smtp://`, `smtp+starttls://`, `smtps://user:password@host:port`, `file:///folder` or `console:`.

    A mail server has `?timeout=` seconds for each answer before the end of an email, 60 unless told; then ten minutes.
    """
    parts = _split("EMAIL_URL", url)
    match parts.scheme:
        case "smtp" | "smtp+starttls" | "smtps":
            return _smtp_mailer(parts)
        case "file":
            return {"BACKEND": "caledee.eml.EmailBackend", "OPTIONS": {"folder": unquote(parts.path)}}
        case "console":
            return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    raise ImproperlyConfigured(
        f"EMAIL_URL must begin with smtp://, smtp+starttls://, smtps://, file:// or console:, not {url!r}."
    )


def parse_days(variable: str, text: str) -> int | None:
    """A whole number of days, 1 or more; None where it is not set."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MOST_DAYS:
        raise ImproperlyConfigured(f"{variable} must be a number of days from 1 to {MOST_DAYS}, not {text!r}.")
    return int(text)


def _smtp_mailer(parts: SplitResult) -> dict[str, Any]:
    default_port = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}[parts.scheme]
    return {
        "BACKEND": "caledee.email.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname or "localhost",
            "port": parts.port or default_port,
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
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
        raise ImproperlyConfigured(f"The timeout in EMAIL_URL must be a number of seconds, not {text!r}.")
    return seconds


def _split(variable: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{variable} is not an address: {error}.") from error
    return parts
