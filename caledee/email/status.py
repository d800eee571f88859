"""A summary of emails for operators: what is waiting, what failed, and why. Names no address."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from caledee.email.failures import Fault
from caledee.email.models import EmailRecord, Undelivered
from caledee.timekeeping.wording import say_utc

DAYS = 7
# Reasons that the operator can fix.
OURS = {Undelivered.GIVEN_UP, Undelivered.REFUSED_US, Undelivered.UNANSWERED}


def describe_emails(*, now: datetime) -> tuple[list[str], bool]:
    """Return lines to print, and whether the operator has to act."""
    since = now - timedelta(days=DAYS)
    failed = EmailRecord.objects.filter(failed_at__gte=since)
    waiting = EmailRecord.objects.waiting()
    lines = [*_describe_waiting(), *_describe_failed(since)]
    return lines, waiting.filter(fault=Fault.OURS).exists() or failed.filter(reason__in=OURS).exists()


def _describe_waiting() -> Iterator[str]:
    waiting = EmailRecord.objects.waiting()
    total = waiting.aggregate(number=Count("pk"), oldest=Min("queued_at"))
    oldest = f", the oldest since {say_utc(total['oldest'])}" if total["number"] else ""
    yield f"Waiting: {total['number']}{oldest}"
    troubles = waiting.exclude(trouble="").values("fault", "trouble", "unanswered")
    for each in troubles.annotate(number=Count("pk"), last=Max("tried_at")).order_by("fault", "-number", "trouble"):
        yield f"  {each['number']} {_describe_trouble(each['fault'], each['unanswered'])}: {
            each['trouble']
        }; last attempt {say_utc(each['last'])}"


def _describe_failed(since: datetime) -> Iterator[str]:
    failed = EmailRecord.objects.filter(failed_at__gte=since)
    yield f"Failed in the last {DAYS} days: {failed.count()}"
    by_reason = failed.values("reason").annotate(number=Count("pk"), last=Max("failed_at"))
    for each in by_reason.order_by("-number", "reason"):
        yield f"  {each['number']} because {Undelivered(each['reason']).label}; the last {say_utc(each['last'])}"


def _describe_trouble(fault: str, unanswered: int) -> str:
    if unanswered:
        return "may have arrived, but the mail server did not reply"
    return "refused or impossible from this installation" if fault == Fault.OURS else "delayed by the mail server"
