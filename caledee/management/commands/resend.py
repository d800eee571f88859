from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caledee.email.models import EmailRecord, Undelivered
from caledee.email.resending import SURELY_NOT_SENT, given_up, how_to_queue, resend
from caledee.timekeeping.wording import say_utc

DAYS = 7


class Command(BaseCommand):
    help = (
        "Queue failed emails again. No email is sent twice, and those that are no longer relevant are skipped. Emails "
        "that may have arrived are only included with `--reason unanswered`."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--failed-since",
            metavar="TIME",
            help=f"such as 2026-11-30T09:00, in UTC; default: {DAYS} days ago",
        )
        parser.add_argument(
            "--reason",
            action="append",
            choices=Undelivered.values,
            help="only emails that failed for this reason; can be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="only show the emails")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        typed = options["failed_since"]
        since = now - timedelta(days=DAYS) if typed is None else _moment(typed)
        reasons = [Undelivered(each) for each in options["reason"] or SURELY_NOT_SENT]
        number = 0
        for record in given_up(reasons, since=since):
            done = how_to_queue(record) is not None if options["dry_run"] else resend(record, now=now)
            number += done
            self.stdout.write(f"{_describe(record)}{'' if done else ' (skipped: it has no task to queue)'}")
        queued = "would be queued" if options["dry_run"] else "queued"
        self.stdout.write(f"Emails {queued} again: {number}.")


def _describe(record: EmailRecord) -> str:
    """Describe the email by its ID, to keep addresses out of terminals."""
    failed = say_utc(record.failed_at) if record.failed_at else ""
    return f"{record.pk} {record}, failed {failed}: {record.get_reason_display()}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--failed-since must be a time such as 2026-11-30T09:00, not {text!r}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
