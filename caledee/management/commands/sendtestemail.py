import smtplib
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import sendtestemail


class Command(sendtestemail.Command):
    """Django's command, which here works without a database and reports errors of the mail server in a sentence."""

    help = "Send a test email through EMAIL_URL from DEFAULT_FROM_EMAIL, immediately and without the worker."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise CommandError(f"The test email was not sent: {_reason(error)}.") from error
        self.stdout.write(f"Sent a test email from {settings.DEFAULT_FROM_EMAIL} to {', '.join(options['email'])}.")


def _reason(error: Exception) -> str:
    """Return the answer of the mail server on one line."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answer(*next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _answer(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"the mail server answered {code} {' '.join(text.split()).rstrip('.')}"
