"""Resend failed emails: queue one more job for an existing record, with the same Message-ID.

Nothing is sent twice: only a failed email is queued again, with its record locked and in one transaction with its job.
Nothing outdated is sent: the task reads everything again, and drops emails that are irrelevant or about a meeting that
is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.email.models import EmailRecord, EmailRecordQuerySet, Undelivered

# Emails that may have arrived are resent only on request.
SURELY_NOT_SENT = [reason for reason in Undelivered if reason != Undelivered.UNANSWERED]


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A task's name and its arguments."""

    task: str
    job: dict[str, object]


def given_up(reasons: Iterable[Undelivered], *, since: datetime) -> EmailRecordQuerySet:
    """Return emails that failed for one of these reasons, earliest first."""
    return EmailRecord.objects.filter(failed_at__gte=since, reason__in=list(reasons)).order_by("failed_at", "pk")


def resend(record: EmailRecord, *, now: datetime) -> bool:
    """Queue the email again and return True. Return False if it has not failed or its task is unknown."""
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


def how_to_queue(record: EmailRecord) -> QueuedTask | None:
    """Return the task of a record. Old records do not store it: then use the failed job, if it still exists."""
    if record.task in app.tasks:
        return QueuedTask(record.task, dict(record.job or {}))
    job = ProcrastinateJob.objects.filter(args__mail_id=str(record.pk), status="failed").order_by("-id").first()
    if job is None or job.task_name not in app.tasks:
        return None
    given = {name: value for name, value in job.args.items() if name not in {"mail_id", "request_id"}}
    return QueuedTask(job.task_name, given)
