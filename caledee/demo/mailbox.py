"""The demo's mail, to be read in the browser. Its addresses exist only where `settings.DEMO` is on."""

import email
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
LISTED = 200  # the newest so many
HEADERS = ["From", "To", "Cc", "Reply-To", "Subject", "Date"]
TITLES = {"text/plain": "Text", "text/html": "HTML source", "text/calendar": "Calendar"}


@dataclass(frozen=True)
class Mail:
    """One file. Whatever is broken in it is shown as far as it goes."""

    file: Path
    message: EmailMessage

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def when(self) -> datetime:
        return datetime.strptime(self.name.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)

    @property
    def to(self) -> str:
        return _header(self.message, "To")

    @property
    def subject(self) -> str:
        return _header(self.message, "Subject") or "(no subject)"

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, text) for name in HEADERS if (text := _header(self.message, name))]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Title and text of every part that is text, in the message's order."""
        parts = [part for part in self.message.walk() if part.get_content_maintype() == "text"]
        return [(TITLES.get(part.get_content_type(), part.get_content_type()), _text(part)) for part in parts]


@require_safe
@login_not_required
@never_cache
def demo_mail_list(request: HttpRequest) -> HttpResponseBase:
    files = sorted(_files(), key=lambda file: file.name, reverse=True)
    return TemplateResponse(request, "demo/mail_list.html", {"mails": _read(files[:LISTED]), "total": len(files)})


@require_safe
@login_not_required
@never_cache
def demo_mail(request: HttpRequest, name: str) -> HttpResponseBase:
    for mail in _read([_file(name)]):
        return TemplateResponse(request, "demo/mail.html", {"mail": mail})
    raise Http404


@require_safe
@login_not_required
@never_cache
def demo_mail_file(_request: HttpRequest, name: str) -> HttpResponseBase:
    try:
        return FileResponse(_file(name).open("rb"), as_attachment=True, content_type="message/rfc822")
    except OSError as error:
        raise Http404 from error


urlpatterns = [
    path("", demo_mail_list, name="demo_mail_list"),
    path("<str:name>/", demo_mail, name="demo_mail"),
    path("<str:name>/message.eml", demo_mail_file, name="demo_mail_file"),
]


def _folder() -> Path:
    options = settings.MAILERS["default"].get("OPTIONS", {})
    return Path(options.get("folder", "/nonexistent"))


def _files() -> list[Path]:
    return [file for file in _folder().glob("*.eml") if NAME.fullmatch(file.stem)]


def _file(name: str) -> Path:
    """Only a name of the form that we give out is ever looked for."""
    if not NAME.fullmatch(name):
        raise Http404
    return _folder() / f"{name}.eml"


def _read(files: Iterable[Path]) -> list[Mail]:
    mails = []
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:  # deleted meanwhile
            continue
        message = email.message_from_bytes(content, policy=email.policy.default)
        mails.append(Mail(file, message))
    return mails


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser raises all sorts of things for broken headers
        return "(unreadable)"


def _text(part: EmailMessage) -> str:
    try:
        text = str(part.get_content())
    except Exception:  # such as an unknown charset
        payload = part.get_payload(decode=True)
        text = payload.decode("ascii", errors="replace") if isinstance(payload, bytes) else str(payload)
    return text.replace("\r\n", "\n")
