from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caledee.email.models import EmailRecord, Undelivered
from caledee.email.resending import SURELY_NOT_SENT, given_up, how_to_queue, resend

DAYS = 7


class Command(BaseCommand):
    help = (
        "Queue again the emails that were given up. None is sent twice, and none that has become pointless. What may "
        "have arrived is left out, unless `--reason unanswered` asks for it."
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
            help="only what was given up for it; can be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="only show which emails it would be")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        typed = options["failed_since"]
        since = now - timedelta(days=DAYS) if typed is None else _moment(typed)
        reasons = [Undelivered(each) for each in options["reason"] or SURELY_NOT_SENT]
        number = 0
        for record in given_up(reasons, since=since):
            done = how_to_queue(record) is not None if options["dry_run"] else resend(record, now=now)
            number += done
            self.stdout.write(f"{_say(record)}{'' if done else ' (left out: nothing tells how to queue it)'}")
        would = "would be queued" if options["dry_run"] else "queued"
        self.stdout.write(f"Emails {would} again: {number}.")


def _say(record: EmailRecord) -> str:
    """By its id: an address has no place in a terminal's history."""
    return f"{record.pk} {record}, given up {record.failed_at:%Y-%m-%d %H:%M}: {record.get_reason_display()}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--failed-since must be a time, such as 2026-11-30T09:00, not {text!r}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
