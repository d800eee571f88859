from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caledee.email.status import describe_emails

ADVICE = (
    "Check EMAIL_URL and DEFAULT_FROM_EMAIL, and the log of the mail server. Waiting emails are retried "
    "automatically. `manage.py resend` queues failed emails again."
)


class Command(BaseCommand):
    help = "Show which emails are waiting and which failed, and why. The exit code is 1 if something needs attention."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lines, is_alarming = describe_emails(now=timezone.now())
        for line in lines:
            self.stdout.write(line)
        if is_alarming:
            raise CommandError(ADVICE)
