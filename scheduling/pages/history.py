"""The history of a meeting and its emails, for the organizer side."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from caledee.accounts.models import User
from caledee.email.models import EmailRecord
from caledee.timekeeping.wording import say_count, say_start, say_when
from scheduling.bookings.activity import moved_from, periods_of
from scheduling.models import Activity

OVER_LIMIT = "too many emails were sent to this address recently"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """`who` is empty if nobody did it. `when` is in the reader's zone, the times in `details` in the organizer's."""

    what: str
    details: str
    who: str
    when: str


def history_of(subjects: Collection[UUID], *, reader: User) -> list[HistoryLine]:
    """Return the history of these ids, oldest first, each event before its emails. Two queries."""
    done = Activity.objects.filter(subject__in=subjects).select_related("by", "organizer")
    emails = EmailRecord.objects.filter(
        Q(sent_at__isnull=False) | Q(failed_at__isnull=False) | Q(over_limit=True), subject__in=subjects
    )
    lines = [(noted.at, 0, _line_of(noted, reader)) for noted in done]
    lines += [(_moment_of(email), 1, _line_about(email, reader)) for email in emails]
    return [line for _, _, line in sorted(lines, key=lambda each: each[:2])]


def say_who(noted: Activity, reader: User) -> str:
    """Return the name of the person who did it, the current one if they still have an account."""
    return "you" if noted.by == reader else noted.by.name if noted.by else noted.by_name


def say_facts(noted: Activity, zone: ZoneInfo) -> str:
    """Format the facts for the current reader, with times in `zone`. Empty if the kind says everything."""
    if "text" in noted.facts or not noted.facts:
        return str(noted.facts.get("text", noted.details))
    if "message" in noted.facts:
        return str(noted.facts["message"])
    if "times" in noted.facts:
        return say_count(noted.facts["times"], "time")
    to = "; ".join(say_when(period, zone) for period in periods_of(noted))
    before = moved_from(noted)
    return f"From {say_when(before, zone)} to {to}" if before else to


def _line_of(noted: Activity, reader: User) -> HistoryLine:
    details = say_facts(noted, noted.organizer.zone)
    return HistoryLine(noted.get_kind_display(), details, say_who(noted, reader), say_start(noted.at, reader.zone))


def _line_about(email: EmailRecord, reader: User) -> HistoryLine:
    when = say_start(_moment_of(email), reader.zone)
    words = email.get_kind_display().capitalize()
    if email.over_limit:
        return HistoryLine(f"{words} to {email.address} not sent", OVER_LIMIT, "", when)
    if email.failed_at:
        return HistoryLine(f"{words} to {email.address} not delivered", email.get_reason_display(), "", when)
    return HistoryLine(f"{words} sent to {email.address}", "", "", when)


def _moment_of(email: EmailRecord) -> datetime:
    return email.sent_at or email.failed_at or email.dropped_at or email.queued_at
