"""Why an email was not sent: what is final, what delays it, and what the operator must know."""

import smtplib
import socket
import ssl
from enum import StrEnum

from django.db.models import TextChoices

from caledee.email.replies import Answer, Meaning, Stage, read_answer


class Refusal(StrEnum):
    """What of an email is refused."""

    ADDRESS = "address"
    MAIL = "mail"
    IMPOSSIBLE = "impossible"


class Fault(TextChoices):
    """Whose fault it is that an email waits: a setting of this installation's, or the mail server's."""

    OURS = "ours", "this installation"
    SERVER = "server", "the mail server"


class EmailRefused(Exception):
    """This recipient will never get this email. Names no address: exceptions end up in logs."""

    names_nobody = True

    def __init__(self, refusal: Refusal, words: str) -> None:
        super().__init__(words)
        self.refusal = refusal


class EmailDelayed(Exception):
    """The email was not taken, and will be later. Names no address either."""

    names_nobody = True

    def __init__(self, words: str, fault: Fault = Fault.SERVER) -> None:
        super().__init__(words)
        self.fault = fault


class EmailUnanswered(EmailDelayed):
    """The whole email was sent, and the mail server did not say whether it took it.

    Each further attempt may bring the recipient one more copy. `copies` is how many may have gone out so.
    """

    def __init__(self, words: str, copies: int = 1) -> None:
        super().__init__(words)
        self.copies = copies


class NoAnswer(smtplib.SMTPException):
    """Of the conversation: the final dot was sent, and no answer came."""


def trouble_of(error: Exception) -> EmailRefused | EmailDelayed:
    """What an exception of the conversation with the mail server means for the email."""
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
    """A setting that does not fit the mail server: no TLS or sign-in there, another certificate, no such host; a
    sender, a password or a template that makes no email. Not a server that cannot be reached, or that hangs up."""
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_NONAME
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return not isinstance(error, ssl.SSLEOFError)
    return not isinstance(error, smtplib.SMTPException | OSError)
