"""Undelivered emails, for pages about their subjects."""

from collections.abc import Iterable
from uuid import UUID

from caledee.email.models import EmailRecord, Undelivered


def reasons_undelivered(subjects: Iterable[UUID]) -> dict[UUID, str]:
    """Return why emails about these subjects failed, each reason as the end of a sentence. One query."""
    failed = EmailRecord.objects.filter(subject__in=list(subjects), failed_at__isnull=False).order_by("failed_at")
    return {subject: Undelivered(reason).label for subject, reason in failed.values_list("subject", "reason")}
