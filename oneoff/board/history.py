"""What happened to a one-off meeting, as somebody of ours reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_start
from oneoff.events import OneOffActivity
from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.models import Activity
from scheduling.pages.history import say_who

DELETIONS_ARE_SHOWN = timedelta(days=14)
MOST_DELETIONS = 10


@dataclass(frozen=True, slots=True)
class DeletionLine:
    name: str
    who: str
    when: str


def subjects_of(one_off: OneOffMeeting) -> list[UUID]:
    """Under which ids its history is kept: its own, and that of every booking through a link of it. One query."""
    booked = SingleUseLink.objects.filter(one_off=one_off).exclude(booking=None).order_by("pk")
    return [one_off.pk, *booked.values_list("booking_id", flat=True)]


def latest_deletions(reader: User, *, now: datetime) -> list[DeletionLine]:
    """What was deleted lately: of `reader`'s own, and of what they made for, or deleted of, people for whom they may
    still create. One query."""
    created = Activity.objects.filter(kind=OneOffActivity.CREATED, by=reader)
    found = Activity.objects.filter(
        Q(organizer=reader) | Q(by=reader) | Q(subject__in=created.values("subject")),
        # For whom one may create, oneself among them: by this the index finds them.
        organizer__in=User.objects.organized_by(reader),
        kind=OneOffActivity.DELETED,
        at__gt=now - DELETIONS_ARE_SHOWN,
        at__lte=now,
    )
    return _deletion_lines(found.select_related("by").order_by("-at", "-pk")[:MOST_DELETIONS], reader)


def _deletion_lines(found: Iterable[Activity], reader: User) -> list[DeletionLine]:
    return [DeletionLine(noted.name, say_who(noted, reader), say_start(noted.at, reader.zone)) for noted in found]
