"""What happened to a one-off meeting, as somebody of ours reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from caledee.accounts.models import User
from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.models import Activity, ActivityKind
from scheduling.wording import say_start

DELETIONS_ARE_SHOWN = timedelta(days=14)
MOST_DELETIONS = 10
WORDS: dict[str, str] = {
    ActivityKind.CREATED: "Created",
    ActivityKind.OPENED: "Link opened for the first time",
    ActivityKind.BOOKED: "Booked",
    ActivityKind.CHANGED: "Moved",
    ActivityKind.CANCELLED: "Cancelled",
    ActivityKind.WITHDRAWN: "Time withdrawn",
    ActivityKind.DELETED: "Deleted",
    ActivityKind.REOPENED: "Reopened with a new link",
    ActivityKind.PROPOSED: "Other times asked for",
    ActivityKind.ACCEPTED: "Time accepted",
    ActivityKind.DECLINED: "Other times declined",
    ActivityKind.NO_SHOW: "No-show noted",
    ActivityKind.SHOWED_UP: "No-show taken back",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """`who` is empty where nobody did it. `when` is in the reader's zone."""

    what: str
    details: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class DeletionLine:
    name: str
    who: str
    when: str


def history_of(one_off: OneOffMeeting, *, reader: User) -> list[HistoryLine]:
    """Of the one-off and of all its bookings, the oldest first. One query."""
    booked = SingleUseLink.objects.filter(one_off=one_off).exclude(booking=None).values("booking")
    return [
        HistoryLine(WORDS[noted.kind], noted.details, _say_who(noted, reader), say_start(noted.at, reader.zone))
        for noted in Activity.objects.filter(Q(subject=one_off.pk) | Q(subject__in=booked)).select_related("by")
    ]


def latest_deletions(reader: User, *, now: datetime) -> list[DeletionLine]:
    """What was deleted lately: of `reader`'s own, and of what they made for, or deleted of, people for whom they may
    still create. One query."""
    created = Activity.objects.filter(kind=ActivityKind.CREATED, by=reader)
    for_others = Q(organizer__in=User.objects.organized_by(reader)) & (
        Q(by=reader) | Q(subject__in=created.values("subject"))
    )
    found = Activity.objects.filter(
        Q(organizer=reader) | for_others, kind=ActivityKind.DELETED, at__gt=now - DELETIONS_ARE_SHOWN, at__lte=now
    )
    return _deletion_lines(found.select_related("by").order_by("-at", "-pk")[:MOST_DELETIONS], reader)


def _deletion_lines(found: Iterable[Activity], reader: User) -> list[DeletionLine]:
    return [DeletionLine(noted.name, _say_who(noted, reader), say_start(noted.at, reader.zone)) for noted in found]


def _say_who(noted: Activity, reader: User) -> str:
    """By their present name, if they are still ours."""
    return "you" if noted.by == reader else noted.by.name if noted.by else noted.by_name
