"""Undelivered emails, shown to the organizer until they dismiss them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from caledee.accounts.models import User
from caledee.email.models import EmailRecord
from caledee.timekeeping.wording import say_start

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class UndeliveredLine:
    """`words` say which email failed and why. `key` identifies it to dismiss it."""

    key: str
    name: str
    words: str
    advice: str
    when: str


def latest_undelivered(reader: User) -> list[UndeliveredLine]:
    """Return undelivered emails about all meetings of `reader`, latest first. One query."""
    return [_line_of(record, reader) for record in EmailRecord.objects.undelivered(reader)[:MOST_SHOWN]]


def undelivered_of(subjects: Collection[UUID], reader: User) -> dict[UUID, list[UndeliveredLine]]:
    """Return undelivered emails by subject, for bookings and one-off meetings that belong to `reader`. One query."""
    by_subject: dict[UUID, list[UndeliveredLine]] = defaultdict(list)
    for record in EmailRecord.objects.undelivered(reader).filter(subject__in=subjects):
        by_subject[record.subject].append(_line_of(record, reader))
    return dict(by_subject)


def put_away(record: EmailRecord, *, now: datetime) -> None:
    EmailRecord.objects.filter(pk=record.pk, failed_at__isnull=False, understood_at=None).update(understood_at=now)


def _line_of(record: EmailRecord, reader: User) -> UndeliveredLine:
    to_reader = record.person_id == reader.pk
    address = f"you, {record.address}," if to_reader else record.address
    return UndeliveredLine(
        key=str(record.pk),
        name=record.name,
        words=f"The {record.get_kind_display()} to {address} could not be delivered: {record.get_reason_display()}.",
        advice="" if to_reader else "Contact them directly.",
        when=say_start(record.failed_at, reader.zone) if record.failed_at else "",
    )
