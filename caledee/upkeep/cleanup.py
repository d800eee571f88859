"""Delete old data: expired sessions, counts and cache entries, old jobs, email records and busy times, unconfirmed
accounts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from caledee.email.models import EmailRecord
from caledee.limits.models import MailboxTally, Tally
from caledee.upkeep.unconfirmed import delete_unconfirmed, unconfirmed_accounts
from scheduling.calendars.models import OutsideBusy

# Failed jobs stay for a while, because someone may want to look at them.
JOBS_ARE_KEPT = timedelta(days=30)
# Only records of emails about accounts and organizations. Those about meetings are part of the meeting's history.
RECORDS_ARE_KEPT = timedelta(days=30)
# Each reading of a connected calendar begins with yesterday. This is for those that can't be read any more.
BUSY_IS_KEPT = timedelta(days=7)
OLD_JOBS = """
    FROM procrastinate_jobs AS job
    WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at >= %s)
"""
DATABASE_CACHE = "django.core.cache.backends.db.DatabaseCache"


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows of each kind were deleted."""

    sessions: int
    counts: int
    cached: int
    jobs: int
    unconfirmed: int
    records: int
    busy: int


def delete_old_data(*, now: datetime, dry_run: bool = False) -> Deleted:
    """Delete the rows, or only count them with `dry_run`."""
    sessions = Session.objects.filter(expire_date__lt=now)
    counts = [tallies.objects.filter(ends_at__lte=now) for tallies in (Tally, MailboxTally)]
    records = EmailRecord.objects.done().filter(organizer=None, queued_at__lt=now - RECORDS_ARE_KEPT)
    busy = OutsideBusy.objects.filter(end__lt=now - BUSY_IS_KEPT)
    return Deleted(
        sessions=sessions.count() if dry_run else sessions.delete()[0],
        counts=sum(ended.count() if dry_run else ended.delete()[0] for ended in counts),
        cached=_clear_cache(now, dry_run),
        jobs=_clear(OLD_JOBS, now - JOBS_ARE_KEPT, dry_run),
        unconfirmed=unconfirmed_accounts(now=now).count() if dry_run else delete_unconfirmed(now=now),
        records=records.count() if dry_run else records.delete()[0],
        busy=busy.count() if dry_run else busy.delete()[0],
    )


def _clear_cache(now: datetime, dry_run: bool) -> int:
    """Delete expired entries, because Django only deletes those that it reads, or when there are too many."""
    cache = settings.CACHES["default"]
    if cache["BACKEND"] != DATABASE_CACHE:
        return 0
    return _clear(f"FROM {connection.ops.quote_name(str(cache['LOCATION']))} WHERE expires < %s", now, dry_run)


def _clear(rows: str, moment: datetime, dry_run: bool) -> int:
    """Delete rows of a table that has no model. `rows` is trusted SQL from FROM on."""
    with connection.cursor() as cursor:
        cursor.execute(f"{'SELECT count(*)' if dry_run else 'DELETE'} {rows}", [moment])
        return int(cursor.fetchone()[0]) if dry_run else cursor.rowcount
