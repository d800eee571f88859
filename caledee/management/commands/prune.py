from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from caledee.ops.environment import MOST_DAYS
from caledee.upkeep.anonymize import Anonymized, anonymize_meetings, count_anonymizable
from caledee.upkeep.cleanup import Deleted, delete_old_data


class Command(BaseCommand):
    help = (
        "Delete old data. With INVITEE_DATA_DAYS in the environment, or with --days, also delete what invitees typed, "
        "that many days after their meetings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="overrides INVITEE_DATA_DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only count the rows")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.INVITEE_DATA_DAYS if options["days"] is None else options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be from 1 to {MOST_DAYS}.")
        now, dry_run = timezone.now(), options["dry_run"]
        if dry_run:
            self.stdout.write("Dry run, nothing is deleted. This would change:")
        if days is None:
            self.stdout.write("Invitees' data is kept because INVITEE_DATA_DAYS is not set.")
        else:
            forget = count_anonymizable if dry_run else anonymize_meetings
            self._print(describe_anonymized(forget(days=days, now=now)))
        self._print(describe_deleted(delete_old_data(now=now, dry_run=dry_run)))

    def _print(self, lines: Iterator[tuple[str, int]]) -> None:
        for what, number in lines:
            self.stdout.write(f"{what}: {number}")


def describe_anonymized(done: Anonymized) -> Iterator[tuple[str, int]]:
    yield "Meetings anonymized", done.meetings
    yield "One-off meetings anonymized", done.one_offs
    yield "Suggested times deleted", done.proposals
    yield "History entries anonymized", done.history
    yield "Email records about meetings deleted", done.emails
    yield "Invitations deleted", done.invitations


def describe_deleted(done: Deleted) -> Iterator[tuple[str, int]]:
    yield "Expired sessions deleted", done.sessions
    yield "Expired rate limit counts deleted", done.counts
    yield "Expired cache entries deleted", done.cached
    yield "Old jobs deleted", done.jobs
    yield "Unconfirmed accounts deleted", done.unconfirmed
    yield "Email records about accounts deleted", done.records
    yield "Past busy times of connected calendars deleted", done.busy
