from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from caledee.ops.environment import MOST_DAYS
from caledee.upkeep.anonymize import Forgotten, count_forgettable, forget_invitees
from caledee.upkeep.cleanup import Cleared, clear_away


class Command(BaseCommand):
    help = (
        "Delete what nobody needs any more; with INVITEE_DATA_DAYS in the environment, or --days, also what invitees "
        "typed, so many days after their meetings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="in place of INVITEE_DATA_DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only say how many rows it would be")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.INVITEE_DATA_DAYS if options["days"] is None else options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be from 1 to {MOST_DAYS}.")
        now, dry_run = timezone.now(), options["dry_run"]
        if dry_run:
            self.stdout.write("Nothing is deleted; this would be:")
        if days is None:
            self.stdout.write("Invitees' data are kept: INVITEE_DATA_DAYS is not set.")
        else:
            forget = count_forgettable if dry_run else forget_invitees
            self._say(say_forgotten(forget(days=days, now=now)))
        self._say(say_cleared(clear_away(now=now, dry_run=dry_run)))

    def _say(self, lines: Iterator[tuple[str, int]]) -> None:
        for what, number in lines:
            self.stdout.write(f"{what}: {number}")


def say_forgotten(done: Forgotten) -> Iterator[tuple[str, int]]:
    yield "Meetings whose invitee is forgotten", done.meetings
    yield "One-off meetings whose invitee is forgotten", done.one_offs
    yield "Requests for other times deleted", done.proposals
    yield "Lines of history without a name", done.history
    yield "Records of mails deleted", done.mails
    yield "Invitations into organizations deleted", done.invitations


def say_cleared(done: Cleared) -> Iterator[tuple[str, int]]:
    yield "Ended sessions deleted", done.sessions
    yield "Ended counts of limits deleted", done.counts
    yield "Old entries of the cache deleted", done.cached
    yield "Jobs done long ago deleted", done.jobs
    yield "Accounts never confirmed deleted", done.unconfirmed
    yield "Records of emails about accounts deleted", done.records
