"""When an open one-off meeting that nobody has booked runs out, and which are about to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from caledee.email.messages import name_message
from caledee.email.models import EmailRecord
from oneoff.emails.kinds import OneOffEmail
from oneoff.events import OneOffActivity
from oneoff.models import OneOffMeeting, ProposedTime
from scheduling.models import Activity

WARNED_BEFORE = timedelta(hours=24)
# What gives the invitee a link, and with it time to answer.
GIVEN_OUT_BY = [OneOffActivity.CREATED, OneOffActivity.REOPENED]


def end_of(one_off: OneOffMeeting, *, now: datetime) -> datetime | None:
    """When nobody can book it any more: at its last start, or when its link's validity ends. None if that is past.

    Asks the database nothing, if the proposed times are loaded.
    """
    if not one_off.link.is_open(now):
        return None
    end = max((time.start for time in one_off.proposed_times.all()), default=now)
    if one_off.valid_until is not None:
        end = min(end, one_off.valid_until)
    return end if end > now else None


def warning_id(one_off: OneOffMeeting) -> str:
    """The name of the mail that warns of it: one for each link."""
    return name_message("one-off", one_off.pk, "running-out", one_off.link.pk)


def running_out(*, now: datetime) -> list[OneOffMeeting]:
    """Those that end within a day, were given out more than a day before that, and of which nobody was warned yet.

    A fixed number of queries.
    """
    later = ProposedTime.objects.filter(one_off=OuterRef("pk"), start__gt=now + WARNED_BEFORE)
    ahead = ProposedTime.objects.filter(one_off=OuterRef("pk"), start__gt=now)
    ends_soon = ~Exists(later) | Q(valid_until__lte=now + WARNED_BEFORE)
    open_ones = OneOffMeeting.objects.filter(
        Exists(ahead), ends_soon, current_link__closed_at=None, organizer__is_active=True
    )
    found = open_ones.select_related("organizer", "current_link").prefetch_related("proposed_times", "cohosts")
    given_out_at, warned = _when_given_out(found), _warnings_of(found)
    return [
        one_off
        for one_off in found
        for end in [end_of(one_off, now=now)]
        if end is not None
        and given_out_at[one_off.pk] < end - WARNED_BEFORE <= now
        and warning_id(one_off) not in warned
    ]


def _when_given_out(one_offs: Iterable[OneOffMeeting]) -> dict[UUID, datetime]:
    moments = {one_off.pk: one_off.created_at for one_off in one_offs}
    given_out = Activity.objects.filter(subject__in=list(moments), kind__in=GIVEN_OUT_BY)
    return moments | dict(given_out.order_by("at", "pk").values_list("subject", "at"))


def _warnings_of(one_offs: Iterable[OneOffMeeting]) -> set[str]:
    records = EmailRecord.objects.filter(subject__in=[each.pk for each in one_offs], kind=OneOffEmail.RUNNING_OUT)
    return set(records.values_list("message_id", flat=True))
