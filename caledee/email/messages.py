"""One email to one person: built, handed to the mail server, and retried on failure."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import Policy, default
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from caledee.email.failures import EmailDelayed, EmailRefused, EmailUnanswered, Refusal, trouble_of
from caledee.email.headers import header_text, is_mailbox, set_mailbox
from caledee.email.sender import parse_sender
from caledee.email.text import clean_lines
from caledee.ops.logs import of_request

logger = logging.getLogger(__name__)

QUEUE = "mail"
FIRST_PAUSE = 15
LONGEST_PAUSE = 3600
MOST_ATTEMPTS = 80
# Each retry can produce another copy.
UNANSWERED_PAUSES = (3600, 6 * 3600, 24 * 3600)


@dataclass(frozen=True, slots=True)
class Row:
    """A labeled fact in an email. `quoted` marks lines that a person wrote, which can be long."""

    label: str
    lines: list[str]
    link: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Invite:
    """An iCalendar object as bytes with CRLF, and its method for the MIME type (RFC 6047, section 2.4)."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Email:
    """The content of an email, for both its plain text and its HTML. `reply_to` is a name and an address.

    `link` is empty if there is no page to open. After `useful_until`, the subject of the email is over.
    """

    to: str
    subject: str
    state: str
    heading: str
    opening: str
    rows: list[Row]
    action: str
    link: str
    why: str
    message_id: str
    calendar_links: list[tuple[str, str]] = field(default_factory=list)
    sender_name: str = ""
    reply_to: tuple[str, str] | None = None
    invite: Invite | None = None
    useful_until: datetime | None = None


class PatientRetry(BaseRetryStrategy):
    """Retry after 15 s, 30 s, a minute and so on, then hourly, for three days in total. Never retry a refusal.

    An email that may have arrived is retried after an hour, six hours and a day only.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        with of_request(str(job.task_kwargs.get("request_id", ""))):
            return self._decide(exception, job)

    def _decide(self, exception: BaseException, job: Job) -> RetryDecision | None:
        # Exceptions of other packages can quote an address, so only their type is logged.
        reason = str(exception) if isinstance(exception, EmailRefused | EmailDelayed) else type(exception).__name__
        pause = _pause_after(exception, job.attempts)
        if pause is None:
            logger.error("Email job %s failed permanently: %s", job.id, reason)
            return None
        logger.warning("Email job %s will be retried in %s s: %s", job.id, pause, reason)
        return RetryDecision(retry_in={"seconds": pause})


def _pause_after(exception: BaseException, attempts: int) -> int | None:
    """Return the pause in seconds, or None after the last attempt."""
    if isinstance(exception, EmailRefused) or attempts >= MOST_ATTEMPTS:
        return None
    if isinstance(exception, EmailUnanswered):
        return UNANSWERED_PAUSES[exception.copies - 1] if exception.copies <= len(UNANSWERED_PAUSES) else None
    doublings: int = 2 ** min(attempts, 16)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def deliver(email: Email) -> None:
    """Send an email that has no record. Raises the same errors as `hand_over`."""
    with connected() as server:
        hand_over(email, server)


@contextmanager
def connected() -> Iterator[BaseEmailBackend]:
    """Open a connection to the mail server. Raises EmailDelayed if that fails.

    Errors while closing it are ignored: the server has accepted everything by then.
    """
    server = mailers["default"]
    try:
        try:
            server.open()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Drops the cause, whose text quotes addresses.
            raise trouble_of(error) from None
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.close()


def hand_over(email: Email, server: BaseEmailBackend) -> None:
    """Hand the email to the mail server. Raises EmailRefused, EmailDelayed or EmailUnanswered if it is not accepted.

    Other errors, such as a template that fails to render, pass through: the recipient is not at fault.
    """
    if not is_mailbox(email.to):
        raise EmailRefused(Refusal.IMPOSSIBLE, "invalid address")
    message = _Message(email)
    try:
        server.send_messages([message])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise trouble_of(error) from None


def name_message(*parts: object) -> str:
    """Return a Message-ID that stays the same for each copy, so email programs can recognize duplicates."""
    return f"<{'.'.join(str(part) for part in parts)}@{_sender(settings.DEFAULT_FROM_EMAIL).domain}>"


# Checking for due reminders builds these IDs every minute.
@lru_cache(maxsize=8)
def _sender(mailbox: str) -> Address:
    return parse_sender(mailbox, host="")


class _Message(EmailMultiAlternatives):
    """Put the invite last, after text and HTML, where calendar programs look for it (RFC 6047, section 2.4)."""

    def __init__(self, email: Email) -> None:
        text = render_to_string("emails/email.txt", {"email": email})
        self.email = email
        self.sender = _sender(settings.DEFAULT_FROM_EMAIL)
        super().__init__(
            subject=header_text(email.subject),
            body="\n".join([*clean_lines(text), ""]),
            from_email=self.sender.addr_spec,
            to=[email.to],
            headers={"Message-ID": email.message_id, "Auto-Submitted": "auto-generated"},
        )
        self.attach_alternative(render_to_string("emails/email.html", {"email": email}), "text/html")

    def message(self, *, policy: "Policy[Message[str, str]] | None" = default) -> EmailMessage:
        message = super().message(policy=policy)
        email, own_name = self.email, self.sender.display_name or "Caledee"
        name = f"{email.sender_name} via {own_name}" if email.sender_name else own_name
        set_mailbox(message, "From", name, self.sender.addr_spec)
        # Skip an address that no header can hold: the email must still go out, and its text contains the name.
        if email.reply_to is not None and is_mailbox(email.reply_to[1]):
            set_mailbox(message, "Reply-To", *email.reply_to)
        if email.invite is not None:
            _add_invite(message, email.invite)
        return message


def _add_invite(message: EmailMessage, invite: Invite) -> None:
    # attach_alternative() takes no content type parameters and would rewrite the line endings.
    message.add_alternative(invite.content, maintype="text", subtype="calendar", cte="base64")
    part = list(message.iter_parts())[-1]
    del part["Content-Type"]
    part.set_raw("Content-Type", f"text/calendar; method={invite.method}; charset=utf-8")
