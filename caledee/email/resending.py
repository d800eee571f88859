"""Sending again what was given up: one job more for a record that is there, under the same Message-ID.

Nothing is sent twice by it: only what was given up waits again, each record under a lock and with its job in one
transaction. And nothing stale is sent: the task looks at everything afresh, and drops what is no longer so, or about a
meeting that is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord, EmailRecordQuerySet, Undelivered

# Those that may have arrived are left out, unless somebody asks for them.
SURELY_NOT_SENT = [reason for reason in Undelivered if reason != Undelivered.UNANSWERED]


@dataclass(frozen=True, slots=True)
class HowToQueue:
    """The name of the task, and what it is given."""

    task: str
    job: dict[str, object]


def given_up(reasons: Iterable[Undelivered], *, since: datetime) -> EmailRecordQuerySet:
    """What was given up for one of these reasons, the earliest first."""
    return EmailRecord.objects.filter(failed_at__gte=since, reason__in=list(reasons)).order_by("failed_at", "pk")


def resend(record: EmailRecord, *, now: datetime) -> bool:
    """Queue it once more, if it is still given up. False where it is not, or nothing tells how to."""
    with transaction.atomic():
        locked = (
            EmailRecord.objects.select_for_update(no_key=True).filter(pk=record.pk, failed_at__isnull=False).first()
        )
        how = how_to_queue(locked) if locked else None
        if locked is None or how is None:
            return False
        locked.wait_again(now=now)
        locked.save()
        app.tasks[how.task].defer(**how.job, mail_id=str(locked.pk))
    return True


def how_to_queue(record: EmailRecord) -> HowToQueue | None:
    """By what the record says; of one that was made before records did, by its failed job, while that is kept."""
    if record.task in app.tasks:
        return HowToQueue(record.task, dict(record.job or {}))
    job = ProcrastinateJob.objects.filter(args__mail_id=str(record.pk), status="failed").order_by("-id").first()
    if job is None or job.task_name not in app.tasks:
        return None
    given = {name: value for name, value in job.args.items() if name not in {"mail_id", "request_id"}}
    return HowToQueue(job.task_name, given)
