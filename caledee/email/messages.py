"""One mail to one person: put together, handed to the mail server, and tried again while that fails."""

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
# Each of these may bring the recipient one more copy.
UNANSWERED_PAUSES = (3600, 6 * 3600, 24 * 3600)


@dataclass(frozen=True, slots=True)
class Row:
    """A fact in the middle of a mail, lines under a label; `quoted` where somebody wrote them, at whatever length."""

    label: str
    lines: list[str]
    link: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Invite:
    """The octets of an iCalendar object, CRLF included, and its method for the MIME type (RFC 6047, section 2.4)."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Email:
    """What is said to whom, once for the plain text and the HTML of the mail. `reply_to` is a name and an address.

    Where there is nowhere to go on, `link` is empty. `useful_until` is when it is about something that is over.
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
    """Again after 15 s, 30 s, a minute and so on, then every hour, for three days in all. Never what was refused.

    What may have arrived already is sent again after an hour, six hours and a day, and then no more.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        with of_request(str(job.task_kwargs.get("request_id", ""))):
            return self._decide(exception, job)

    def _decide(self, exception: BaseException, job: Job) -> RetryDecision | None:
        # An exception of somebody else's may quote an address: only its name is logged.
        reason = str(exception) if isinstance(exception, EmailRefused | EmailDelayed) else type(exception).__name__
        pause = _pause_after(exception, job.attempts)
        if pause is None:
            logger.error("Email job %s is given up: %s", job.id, reason)
            return None
        logger.warning("Email job %s is tried again in %s s: %s", job.id, pause, reason)
        return RetryDecision(retry_in={"seconds": pause})


def _pause_after(exception: BaseException, attempts: int) -> int | None:
    """In seconds; None where it was the last attempt."""
    if isinstance(exception, EmailRefused) or attempts >= MOST_ATTEMPTS:
        return None
    if isinstance(exception, EmailUnanswered):
        return UNANSWERED_PAUSES[exception.copies - 1] if exception.copies <= len(UNANSWERED_PAUSES) else None
    doublings: int = 2 ** min(attempts, 16)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def deliver(letter: Email) -> None:
    """Hand it over without a record of it. Raises what `hand_over` does."""
    with connected() as server:
        hand_over(letter, server)


@contextmanager
def connected() -> Iterator[BaseEmailBackend]:
    """A conversation with the mail server. Raises EmailDelayed if there can be none.

    However it ends does not matter any more: what was taken by then was taken.
    """
    server = mailers["default"]
    try:
        try:
            server.open()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Without its cause, whose text quotes addresses.
            raise trouble_of(error) from None
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.close()


def hand_over(letter: Email, server: BaseEmailBackend) -> None:
    """When it returns, the mail server has taken the email. Raises EmailRefused, EmailDelayed or EmailUnanswered.

    A letter or a sender that makes no email raises what it raises: that is nothing to blame the recipient for.
    """
    if not is_mailbox(letter.to):
        raise EmailRefused(Refusal.IMPOSSIBLE, "impossible address")
    message = _Message(letter)
    try:
        server.send_messages([message])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise trouble_of(error) from None


def name_message(*parts: object) -> str:
    """A Message-ID that is the same each time the same mail is sent, so that a mail sent twice can be recognised."""
    return f"<{'.'.join(str(part) for part in parts)}@{_sender(settings.DEFAULT_FROM_EMAIL).domain}>"


# Each minute the names of all reminders that may be due are made.
@lru_cache(maxsize=8)
def _sender(mailbox: str) -> Address:
    return parse_sender(mailbox, host="")


class _Message(EmailMultiAlternatives):
    """With the invite as the last alternative, after text and html, where calendars look for it (RFC 6047, 2.4)."""

    def __init__(self, letter: Email) -> None:
        text = render_to_string("mail/letter.txt", {"letter": letter})
        self.letter = letter
        self.sender = _sender(settings.DEFAULT_FROM_EMAIL)
        super().__init__(
            subject=header_text(letter.subject),
            body="\n".join([*clean_lines(text), ""]),
            from_email=self.sender.addr_spec,
            to=[letter.to],
            headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
        )
        self.attach_alternative(render_to_string("mail/letter.html", {"letter": letter}), "text/html")

    def message(self, *, policy: "Policy[Message[str, str]] | None" = default) -> EmailMessage:
        message = super().message(policy=policy)
        letter, own_name = self.letter, self.sender.display_name or "Caledee"
        name = f"{letter.sender_name} via {own_name}" if letter.sender_name else own_name
        set_mailbox(message, "From", name, self.sender.addr_spec)
        # An address that no header can hold is no reason to tell nothing: the email says the name all the same.
        if letter.reply_to is not None and is_mailbox(letter.reply_to[1]):
            set_mailbox(message, "Reply-To", *letter.reply_to)
        if letter.invite is not None:
            _add_invite(message, letter.invite)
        return message


def _add_invite(message: EmailMessage, invite: Invite) -> None:
    # Not attach_alternative(): it takes no parameters for the content type, and would rewrite the line ends.
    message.add_alternative(invite.content, maintype="text", subtype="calendar", cte="base64")
    part = list(message.iter_parts())[-1]
    del part["Content-Type"]
    part.set_raw("Content-Type", f"text/calendar; method={invite.method}; charset=utf-8")
