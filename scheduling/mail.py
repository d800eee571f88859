"""One mail to one person: put together, handed to the mail server, and tried again while that fails."""

import logging
import smtplib
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import Policy, default
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.encoding import punycode
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from scheduling.ical import Invite
from scheduling.plain_text import clean_lines, one_line

logger = logging.getLogger(__name__)

QUEUE = "mail"
FIRST_PAUSE = 15
LONGEST_PAUSE = 3600
MOST_ATTEMPTS = 80


class MailRefused(Exception):
    """The mail server will never take this mail. Names no address: exceptions end up in logs."""


class MailDelayed(Exception):
    """The mail server cannot be reached, or asks to come back later. Names no address either."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact in the middle of a mail, lines under a label; `quoted` where somebody wrote them, at whatever length."""

    label: str
    lines: list[str]
    link: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to whom, once for the plain text and the HTML of the mail; all of it clean, single lines."""

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
    reply_to: str = ""
    invite: Invite | None = None


class PatientRetry(BaseRetryStrategy):
    """Again after 15 s, 30 s, a minute and so on, then every hour, for three days in all. Never what was refused."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
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
    message = _compose(letter)
    try:
        message.send(using="default")
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # Without its cause, whose text quotes addresses.
        raise _trouble(error) from None


def name_message(*parts: object) -> str:
    """A Message-ID that is the same each time the same mail is sent, so that a mail sent twice can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{'.'.join(str(part) for part in parts)}@{punycode(domain)}>"


def mailbox(name: str, address: str) -> str:
    """`"Ada Lovelace" <ada@example.com>` for a header, whatever the name holds."""
    return str(Address(display_name=header_text(name), addr_spec=address))


def header_text(text: str) -> str:
    """One line that a mail program shows as it was typed: nothing in it is taken for encoded (RFC 2047)."""
    return one_line(text).replace("=?", "= ?")


class _Message(EmailMultiAlternatives):
    """With the invite as the last alternative, after text and html, where calendars look for it (RFC 6047, 2.4)."""

    invite: Invite | None = None

    def message(self, *, policy: "Policy[Message[str, str]] | None" = default) -> EmailMessage:
        message = super().message(policy=policy)
        if self.invite is not None:
            # Not attach_alternative(): it takes no parameters for the content type, and would rewrite the line ends.
            message.add_alternative(self.invite.content, maintype="text", subtype="calendar", cte="base64")
            part = list(message.iter_parts())[-1]
            part.replace_header("Content-Type", f"text/calendar; method={self.invite.method}; charset=utf-8")
        return message


def _compose(letter: Letter) -> _Message:
    text = render_to_string("mail/letter.txt", {"letter": letter})
    message = _Message(
        subject=header_text(letter.subject),
        body="\n".join([*clean_lines(text), ""]),
        from_email=_sender(letter.sender_name),
        to=[letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else [],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("mail/letter.html", {"letter": letter}), "text/html")
    message.invite = letter.invite
    return message


def _sender(name: str) -> str:
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return mailbox(f"{name} via {own_name or 'Caledee'}" if name else own_name, address)


def _trouble(error: Exception) -> MailRefused | MailDelayed:
    """A 5xx answer to this recipient or this mail is for good (RFC 5321, section 4.2.1), as is an impossible address.

    Everything else may be mended meanwhile, a wrong password of our own included.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max(code for code, _ in error.recipients.values())
            return MailRefused(f"recipient, {code}") if code >= 500 else MailDelayed(f"recipient, {code}")
        case smtplib.SMTPDataError():
            code = error.smtp_code
            return MailRefused(f"mail, {code}") if code >= 500 else MailDelayed(f"mail, {code}")
        case smtplib.SMTPException() | OSError():
            return MailDelayed(type(error).__name__)
    return MailRefused(f"impossible address ({type(error).__name__})")
