"""Read the folder of emails that the demo writes. A broken file is shown as far as it can be read."""

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
HEADERS = ["From", "To", "Cc", "Reply-To"]
TEXT, HTML, CALENDAR = "text/plain", "text/html", "text/calendar"


@dataclass(frozen=True)
class StoredEmail:
    """One file of the folder: its name without the suffix, its bytes and the parsed message."""

    name: str
    content: bytes
    message: EmailMessage

    @property
    def when(self) -> datetime:
        return datetime.strptime(self.name.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)

    @property
    def to(self) -> str:
        return _header(self.message, "To") or "(nobody)"

    @property
    def subject(self) -> str:
        return _header(self.message, "Subject") or "(no subject)"

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, text) for name in HEADERS if (text := _header(self.message, name))]

    @property
    def text(self) -> str | None:
        return self._text(TEXT)

    @property
    def html(self) -> str | None:
        return self._text(HTML)

    @property
    def calendar(self) -> str | None:
        return self._text(CALENDAR)

    @property
    def invite(self) -> bytes | None:
        """Return the bytes of the calendar part, as a calendar app reads them."""
        part = self._part(CALENDAR)
        return _octets(part) if part else None

    def _text(self, kind: str) -> str | None:
        part = self._part(kind)
        return _content(part) if part else None

    def _part(self, kind: str) -> EmailMessage | None:
        return next((part for part in self.message.walk() if part.get_content_type() == kind), None)


def list_emails(limit: int) -> tuple[list[StoredEmail], int]:
    """Return the newest emails, newest first, and the total number."""
    names = sorted(_names(), reverse=True)
    return list(_read(names[:limit])), len(names)


def find_email(name: str) -> StoredEmail | None:
    """Return the email with this name. Only names in the format of `EmailBackend` are looked up."""
    return next(_read([name]), None) if NAME.fullmatch(name) else None


def next_newer(name: str) -> str | None:
    return min((each for each in _names() if each > name), default=None)


def next_older(name: str) -> str | None:
    return max((each for each in _names() if each < name), default=None)


def _folder() -> Path:
    options = settings.MAILERS["default"].get("OPTIONS", {})
    return Path(options.get("folder", "/nonexistent"))


def _names() -> list[str]:
    return [file.stem for file in _folder().glob("*.eml") if NAME.fullmatch(file.stem)]


def _read(names: Iterable[str]) -> Iterator[StoredEmail]:
    for name in names:
        with suppress(OSError):  # deleted in the meantime
            content = (_folder() / f"{name}.eml").read_bytes()
            yield StoredEmail(name, content, email.message_from_bytes(content, policy=email.policy.default))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser raises all kinds of errors for broken headers
        return "(unreadable)"


def _content(part: EmailMessage) -> str:
    try:
        text = str(part.get_content())
    except Exception:  # for example an unknown charset
        text = _octets(part).decode("ascii", errors="replace")
    return text.replace("\r\n", "\n")


def _octets(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
