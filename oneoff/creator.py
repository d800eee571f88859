"""Making and unmaking one-off meetings. Each is one transaction that locks the organizer first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from caledee.accounts.models import User
from caledee.periods import Period
from oneoff import holds, links, notifications
from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling import busy, feeds
from scheduling.models import BusyTime


class TimesTaken(Exception):
    """Some of the times cannot be offered. `conflicts` gives for each the rows of busy time in its way."""

    def __init__(self, conflicts: dict[Period, list[BusyTime]]) -> None:
        super().__init__(f"{len(conflicts)} of the times are taken")
        self.conflicts = conflicts


@dataclass(frozen=True, slots=True)
class Details:
    """What a one-off meeting is, apart from its times."""

    name: str
    duration: timedelta
    location_kind: str
    location: str = ""
    description: str = ""
    hold_times: bool = True
    valid_until: datetime | None = None
    invitee_name: str = ""
    invitee_email: str = ""


def create_one_off(
    details: Details, starts: Collection[datetime], *, organizer: User, created_by: User, now: datetime
) -> OneOffMeeting:
    """Make the meeting, its proposed times, its link and its holds, and tell a teammate it was made for.

    `starts` are moments, distinct and after `now`, as the form has checked. Locks the organizer. Raises TimesTaken
    where a booking, or a live hold of another one-off, overlaps: held or not, such a time could not be booked.
    """
    with transaction.atomic():
        busy.lock_organizers([organizer])
        periods = [Period.lasting(start, details.duration) for start in sorted(starts)]
        if conflicts := busy.conflicts_with([organizer], periods, now=now):
            raise TimesTaken(conflicts)
        one_off = _insert(details, periods, organizer=organizer, created_by=created_by, now=now)
        if organizer.pk != created_by.pk:
            notifications.announce_one_off(one_off)
    return one_off


def delete_one_off(one_off: OneOffMeeting, *, now: datetime) -> None:
    """Free all that it holds and forget it, link included. Raises LinkClosed while a booking of it lies ahead.

    Locks the organizer, then the link: against a booking at the same moment exactly one of the two wins.
    """
    with transaction.atomic():
        people = busy.lock_organizers(one_off.people)
        link = links.lock_link(one_off)
        if link is not None and link.booking is not None and link.booking.lies_ahead(now):
            raise links.LinkClosed
        holds.release(one_off)
        feeds.note_change(people, now=now)
        OneOffMeeting.objects.filter(pk=one_off.pk).delete()


def withdraw_time(time: ProposedTime, *, now: datetime) -> None:
    """Take back one proposed time and free it. Raises LinkClosed once the one-off is booked.

    Locks the organizer, then the link. Withdrawing what is withdrawn changes nothing.
    """
    with transaction.atomic():
        people = busy.lock_organizers(time.one_off.people)
        link = links.lock_link(time.one_off)
        if link is not None and link.closed_at is not None:
            raise links.LinkClosed
        holds.release_time(time)
        feeds.note_change(people, now=now)
        ProposedTime.objects.filter(pk=time.pk).delete()


def _insert(
    details: Details, periods: list[Period], *, organizer: User, created_by: User, now: datetime
) -> OneOffMeeting:
    one_off = OneOffMeeting.objects.create(
        organizer=organizer,
        created_by=created_by,
        created_at=now,
        name=details.name,
        duration=details.duration,
        location_kind=details.location_kind,
        location=details.location,
        description=details.description,
        hold_times=details.hold_times,
        valid_until=details.valid_until,
        invitee_name=details.invitee_name,
        invitee_email=details.invitee_email,
    )
    times = ProposedTime.objects.bulk_create(
        [ProposedTime(one_off=one_off, start=period.start, end=period.end) for period in periods]
    )
    SingleUseLink.objects.create(one_off=one_off)
    if details.hold_times:
        holds.place(one_off, times, now=now)
    return one_off
