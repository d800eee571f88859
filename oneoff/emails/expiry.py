"""Find out when open one-off meetings expire, and which ones expire soon."""

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


def expiry_of(one_off: OneOffMeeting, *, now: datetime) -> datetime | None:
    """Return when it can no longer be booked: at its last start, or when its link expires. None if that is past.

    Makes no queries if the proposed times are loaded.
    """
    if not one_off.link.is_open(now):
        return None
    end = max((time.start for time in one_off.proposed_times.all()), default=now)
    if one_off.valid_until is not None:
        end = min(end, one_off.valid_until)
    return end if end > now else None


def warning_id(one_off: OneOffMeeting) -> str:
    """Return the Message-ID of the warning. Each link gets one."""
    return name_message("one-off", one_off.pk, "running-out", one_off.link.pk)


def expiring(*, now: datetime) -> list[OneOffMeeting]:
    """Return those that expire within a day, got their link more than a day before that, and have no warning yet.

    Makes a fixed number of queries.
    """
    later = ProposedTime.objects.filter(one_off=OuterRef("pk"), start__gt=now + WARNED_BEFORE)
    ahead = ProposedTime.objects.filter(one_off=OuterRef("pk"), start__gt=now)
    ends_soon = ~Exists(later) | Q(valid_until__lte=now + WARNED_BEFORE)
    open_one_offs = OneOffMeeting.objects.filter(
        Exists(ahead), ends_soon, current_link__closed_at=None, organizer__is_active=True
    )
    found = open_one_offs.select_related("organizer", "current_link").prefetch_related("proposed_times", "cohosts")
    given_out_at, warned = _when_given_out(found), _warnings_of(found)
    return [
        one_off
        for one_off in found
        for end in [expiry_of(one_off, now=now)]
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
