"""One mail to one person: put together, handed to the mail server, and tried again while that fails."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.policy import Policy, default
from email.utils import parseaddr
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils.encoding import punycode
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from caledee.headers import header_text, set_mailbox
from caledee.logs import of_request
from caledee.plain_text import clean_lines

logger = logging.getLogger(__name__)

QUEUE = "mail"
FIRST_PAUSE = 15
LONGEST_PAUSE = 3600
MOST_ATTEMPTS = 80


class Refusal(StrEnum):
    """What of a mail is refused."""

    ADDRESS = "address"
    MAIL = "mail"
    IMPOSSIBLE = "impossible"


class MailRefused(Exception):
    """The mail server will never take this mail. Names no address: exceptions end up in logs."""

    names_nobody = True

    def __init__(self, refusal: Refusal, words: str) -> None:
        super().__init__(words)
        self.refusal = refusal


class MailDelayed(Exception):
    """The mail server cannot be reached, or asks to come back later. Names no address either."""

    names_nobody = True


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
class Letter:
    """What is said to whom, once for the plain text and the HTML of the mail. `reply_to` is a name and an address.

    Where there is nowhere to go on, `link` is empty.
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


class PatientRetry(BaseRetryStrategy):
    """Again after 15 s, 30 s, a minute and so on, then every hour, for three days in all. Never what was refused."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        with of_request(str(job.task_kwargs.get("request_id", ""))):
            return self._decide(exception, job)

    def _decide(self, exception: BaseException, job: Job) -> RetryDecision | None:
        # An exception of somebody else's may quote an address: only its name is logged.
        reason = str(exception) if isinstance(exception, MailRefused | MailDelayed) else type(exception).__name__
        if isinstance(exception, MailRefused) or job.attempts >= MOST_ATTEMPTS:
            logger.error("Mail job %s is given up: %s", job.id, reason)
            return None
        pause = min(FIRST_PAUSE * 2 ** min(job.attempts, 16), LONGEST_PAUSE)
        logger.warning("Mail job %s is tried again in %s s: %s", job.id, pause, reason)
        return RetryDecision(retry_in={"seconds": pause})


def deliver(letter: Letter) -> None:
    """Hand the mail to the mail server. Raises MailRefused or MailDelayed."""
    with connected() as server:
        hand_over(letter, server)


@contextmanager
def connected() -> Iterator[BaseEmailBackend]:
    """A conversation with the mail server. Raises MailDelayed if there can be none.

    However it ends does not matter any more: what was taken by then was taken.
    """
    server = mailers["default"]
    try:
        try:
            server.open()
        except (smtplib.SMTPException, OSError) as error:
            # Without its cause, whose text quotes addresses.
            raise _trouble(error) from None
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.close()


def hand_over(letter: Letter, server: BaseEmailBackend) -> None:
    """When it returns, the mail server has taken the mail. Raises MailRefused or MailDelayed."""
    try:
        server.send_messages([_Message(letter)])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _trouble(error) from None


def name_message(*parts: object) -> str:
    """A Message-ID that is the same each time the same mail is sent, so that a mail sent twice can be recognised."""
    return f"<{'.'.join(str(part) for part in parts)}@{_domain_of(settings.DEFAULT_FROM_EMAIL)}>"


# Each minute the names of all reminders that may be due are made.
@lru_cache(maxsize=8)
def _domain_of(mailbox: str) -> str:
    return punycode(parseaddr(mailbox)[1].rpartition("@")[2])


class _Message(EmailMultiAlternatives):
    """With the invite as the last alternative, after text and html, where calendars look for it (RFC 6047, 2.4)."""

    def __init__(self, letter: Letter) -> None:
        text = render_to_string("mail/letter.txt", {"letter": letter})
        self.letter = letter
        self.own_name, own_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        super().__init__(
            subject=header_text(letter.subject),
            body="\n".join([*clean_lines(text), ""]),
            from_email=own_address,
            to=[letter.to],
            headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
        )
        self.attach_alternative(render_to_string("mail/letter.html", {"letter": letter}), "text/html")

    def message(self, *, policy: "Policy[Message[str, str]] | None" = default) -> EmailMessage:
        message = super().message(policy=policy)
        letter, own_name = self.letter, self.own_name or "Caledee"
        set_mailbox(
            message,
            "From",
            f"{letter.sender_name} via {own_name}" if letter.sender_name else own_name,
            self.from_email,
        )
        if letter.reply_to is not None:
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


def _trouble(error: Exception) -> MailRefused | MailDelayed:
    """A 5xx answer to this recipient or this mail is for good (RFC 5321, section 4.2.1), as is an impossible address.

    Everything else may be mended meanwhile, a wrong password of our own included.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max(code for code, _ in error.recipients.values())
            return _answer(code, Refusal.ADDRESS, f"recipient, {code}")
        case smtplib.SMTPDataError():
            return _answer(error.smtp_code, Refusal.MAIL, f"mail, {error.smtp_code}")
        case smtplib.SMTPException() | OSError():
            return MailDelayed(type(error).__name__)
    return MailRefused(Refusal.IMPOSSIBLE, f"impossible address ({type(error).__name__})")


def _answer(code: int, refusal: Refusal, words: str) -> MailRefused | MailDelayed:
    return MailRefused(refusal, words) if code >= 500 else MailDelayed(words)
