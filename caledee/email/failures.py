"""Why an email was not sent: final refusals, delays, and what the operator must fix."""

import smtplib
import socket
import ssl
from enum import StrEnum

from django.db.models import TextChoices

from caledee.email.replies import Answer, Meaning, Stage, read_answer


class Refusal(StrEnum):
    """What the mail server refused."""

    ADDRESS = "address"
    MAIL = "mail"
    IMPOSSIBLE = "impossible"


class Fault(TextChoices):
    """Who can fix a delay: the operator of this installation, or the mail server's."""

    OURS = "ours", "this installation"
    SERVER = "server", "the mail server"


class EmailRefused(Exception):
    """This recipient will never get this email. Names no address: exceptions are logged."""

    names_no_one = True

    def __init__(self, refusal: Refusal, words: str) -> None:
        super().__init__(words)
        self.refusal = refusal


class EmailDelayed(Exception):
    """The email was not accepted yet and will be retried. Names no address: exceptions are logged."""

    names_no_one = True

    def __init__(self, words: str, fault: Fault = Fault.SERVER) -> None:
        super().__init__(words)
        self.fault = fault


class EmailUnanswered(EmailDelayed):
    """The full email was sent, but the mail server did not confirm it.

    Each retry can produce another copy. `copies` is how many have been sent so far.
    """

    def __init__(self, words: str, copies: int = 1) -> None:
        super().__init__(words)
        self.copies = copies


class NoAnswer(smtplib.SMTPException):
    """The final dot was sent, but no reply came."""


def trouble_of(error: Exception) -> EmailRefused | EmailDelayed:
    """Translate an SMTP or template exception into what it means for the email."""
    match error:
        case NoAnswer():
            return EmailUnanswered("no answer after the whole email")
        case smtplib.SMTPRecipientsRefused():
            code, text = max(error.recipients.values(), key=lambda answer: answer[0])
            return _trouble_of_answer(read_answer(Stage.RECIPIENT, code, text))
        case smtplib.SMTPDataError():
            return _trouble_of_answer(read_answer(Stage.EMAIL, error.smtp_code, error.smtp_error))
        case smtplib.SMTPSenderRefused():
            return _trouble_of_answer(read_answer(Stage.SENDER, error.smtp_code, error.smtp_error))
        case smtplib.SMTPAuthenticationError():
            return _trouble_of_answer(read_answer(Stage.SIGN_IN, error.smtp_code, error.smtp_error))
        case smtplib.SMTPResponseException():
            return _trouble_of_answer(read_answer(Stage.CONNECTION, error.smtp_code, error.smtp_error))
    return EmailDelayed(type(error).__name__, Fault.OURS if _is_ours(error) else Fault.SERVER)


def _trouble_of_answer(answer: Answer) -> EmailRefused | EmailDelayed:
    match answer.meaning:
        case Meaning.NO_SUCH_RECIPIENT:
            return EmailRefused(Refusal.ADDRESS, str(answer))
        case Meaning.TOO_MUCH_FOR_RECIPIENT:
            return EmailRefused(Refusal.MAIL, str(answer))
        case Meaning.REFUSES_US:
            return EmailDelayed(str(answer), Fault.OURS)
    return EmailDelayed(str(answer))


def _is_ours(error: Exception) -> bool:
    """Return whether a setting or a template of this installation causes the error, such as TLS, sign-in, certificate,
    host name or sender. Unreachable servers and dropped connections do not count.
    """
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_NONAME
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return not isinstance(error, ssl.SSLEOFError)
    return not isinstance(error, smtplib.SMTPException | OSError)
