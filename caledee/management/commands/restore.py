from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from caledee.accounts.models import PendingEmail
from caledee.email.models import EmailRecord
from caledee.ops.dumps import DumpError, restore_dump

# A job sends nothing if its email is marked as dropped or was deleted.
DROP_EMAILS = """
    UPDATE public.scheduling_mailrecord SET dropped_at = now()
        WHERE sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL;
    DELETE FROM public.accounts_pendingmail;
"""
WAITING = (
    "{} emails were waiting when the backup was made. The worker sends them when it starts, even if they were already "
    "sent after the backup; those arrive twice, with the same Message-ID. To send none of them, restore again with "
    "--replace --drop-emails before you start the worker."
)


class Command(BaseCommand):
    help = "Restore a backup. Stop the web server and the worker first, and run `migrate` afterwards."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file written by `backup`")
        parser.add_argument("--replace", action="store_true", help="discard everything in the database")
        parser.add_argument(
            "--drop-emails",
            "--drop-mails",
            action="store_true",
            help="don't send the emails that were waiting when it was made",
        )

    def handle(self, *args: Any, file: Path, replace: bool, drop_emails: bool, **options: Any) -> None:
        connection.close()
        afterwards = DROP_EMAILS if drop_emails else ""
        try:
            restore_dump(settings.DATABASES["default"], file, replace=replace, afterwards=afterwards)
        except (DumpError, OSError) as error:
            raise CommandError(f"Nothing was restored or changed. {error}") from error
        self.stdout.write(f"Restored from {file}. Run `migrate` before you start the site.")
        recorded = EmailRecord.objects.waiting()
        # Emails about accounts have records too, unless they were queued by a version without such records.
        if waiting := recorded.count() + PendingEmail.objects.exclude(pk__in=recorded.values("pk")).count():
            self.stdout.write(WAITING.format(waiting))
