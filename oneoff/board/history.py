"""The history of one-off meetings for the organizer side."""

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
    """Return the subjects of its history: the meeting, and each booking made through its links. Makes one query."""
    booked = SingleUseLink.objects.filter(one_off=one_off).exclude(booking=None).order_by("pk")
    return [one_off.pk, *booked.values_list("booking_id", flat=True)]


def latest_deletions(reader: User, *, now: datetime) -> list[DeletionLine]:
    """Return recent deletions of one-offs that `reader` organized, created or deleted, newest first.

    Only includes organizers for whom `reader` can still create. Makes one query.
    """
    created = Activity.objects.filter(kind=OneOffActivity.CREATED, by=reader)
    found = Activity.objects.filter(
        Q(organizer=reader) | Q(by=reader) | Q(subject__in=created.values("subject")),
        # The people `reader` can create for, including `reader`. This condition uses the index.
        organizer__in=User.objects.organized_by(reader),
        kind=OneOffActivity.DELETED,
        at__gt=now - DELETIONS_ARE_SHOWN,
        at__lte=now,
    )
    return _deletion_lines(found.select_related("by").order_by("-at", "-pk")[:MOST_DELETIONS], reader)


def _deletion_lines(found: Iterable[Activity], reader: User) -> list[DeletionLine]:
    return [DeletionLine(noted.name, say_who(noted, reader), say_start(noted.at, reader.zone)) for noted in found]
