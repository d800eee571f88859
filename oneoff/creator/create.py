"""Making and unmaking one-off meetings. Each is one transaction that locks all whose time it takes first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from oneoff import holds, links, tasks
from oneoff.models import CounterProposal, OneOffMeeting, ProposedTime
from oneoff.permissions import creator_still_allowed
from scheduling.availability import ledger
from scheduling.bookings.activity import Facts, note_activity, periods_as_facts
from scheduling.calendars import feeds
from scheduling.models import Activity, ActivityKind, BusyTime


class TimesTaken(Exception):
    """Some of the times cannot be offered. `conflicts` gives for each the rows of busy time in its way."""

    def __init__(self, conflicts: dict[Period, list[BusyTime]]) -> None:
        super().__init__(f"{len(conflicts)} of the times are taken")
        self.conflicts = conflicts


class AccountClosed(Exception):
    """Somebody whose time it would take has no account any more. `people` are those."""

    def __init__(self, people: Collection[User]) -> None:
        super().__init__(f"{len(people)} of the people have no account any more")
        self.people = people


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
    details: Details,
    starts: Collection[datetime],
    *,
    organizer: User,
    cohosts: Collection[User] = (),
    created_by: User,
    now: datetime,
) -> OneOffMeeting:
    """Make the meeting, its proposed times, its link and its holds, and tell the teammates whose time it takes.

    `starts` are moments, distinct and after `now`, and whoever `created_by` is may create for `organizer` and
    `cohosts`, as the form has checked. Locks these. Raises TimesTaken where a booking, or a live hold of another
    one-off, of any of them overlaps: held or not, such a time could not be booked. Raises AccountClosed where one of
    them has left meanwhile.
    """
    people = [organizer, *cohosts]
    with transaction.atomic():
        active = {person.pk for person in ledger.lock_organizers(people) if person.is_active}
        if closed := [person for person in people if person.pk not in active]:
            raise AccountClosed(closed)
        periods = [Period.lasting(start, details.duration) for start in sorted(starts)]
        if conflicts := ledger.conflicts_with(people, periods, now=now):
            raise TimesTaken(conflicts)
        one_off = _insert(details, periods, people=people, created_by=created_by, now=now)
        _note(ActivityKind.CREATED, one_off, created_by, now, {"times": len(periods)})
        tasks.announce_one_off(one_off, [person for person in people if person != created_by])
    return one_off


def delete_one_off(one_off: OneOffMeeting, *, by: User | None, now: datetime) -> None:
    """Free all that it holds and forget it, link included. Raises LinkClosed while a booking of it lies ahead.

    Locks all whose time it takes, then the link: against a booking at the same moment exactly one of the two wins.
    Its history stays, and tells who deleted it. Who waits for an answer to other times is told. Deleting what is
    deleted changes nothing.
    """
    with transaction.atomic():
        ledger.lock_organizers(one_off.people)
        link = links.lock_link(one_off)
        if link is not None and link.booking is not None and link.booking.lies_ahead(now):
            raise links.LinkClosed
        if link is None:
            return
        people = one_off.people
        waiting = list(CounterProposal.objects.filter(one_off=one_off).open(now))
        holds.release(one_off)
        feeds.note_change(people, now=now)
        OneOffMeeting.objects.filter(pk=one_off.pk).delete()
        noted = _note(ActivityKind.DELETED, one_off, by, now)
        tasks.announce_deletion(noted, [*people, *creator_still_allowed(one_off)])
        tasks.announce_end_of_proposals(noted, waiting)


def withdraw_time(time: ProposedTime, *, by: User | None, now: datetime) -> None:
    """Take back one proposed time and free it. Raises LinkClosed once the one-off is booked.

    Locks all whose time it takes, then the link. Withdrawing what is withdrawn changes nothing.
    """
    with transaction.atomic():
        people = ledger.lock_organizers(time.one_off.people)
        link = links.lock_link(time.one_off)
        if link is not None and link.closed_at is not None:
            raise links.LinkClosed
        holds.release_time(time)
        feeds.note_change(people, now=now)
        deleted, _ = ProposedTime.objects.filter(pk=time.pk).delete()
        if deleted:
            facts: Facts = {"periods": periods_as_facts([time.period])}
            noted = _note(ActivityKind.WITHDRAWN, time.one_off, by, now, facts)
            tasks.announce_withdrawal(noted)


def _insert(
    details: Details, periods: list[Period], *, people: list[User], created_by: User, now: datetime
) -> OneOffMeeting:
    organizer, *cohosts = people
    one_off = OneOffMeeting.objects.create(
        organizer=organizer,
        created_by=created_by,
        created_at=now,
        last_end=max((period.end for period in periods), default=None),
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
    if cohosts:
        one_off.cohosts.add(*cohosts)
    times = ProposedTime.objects.bulk_create(
        [ProposedTime(one_off=one_off, start=period.start, end=period.end) for period in periods]
    )
    links.open_link(one_off)
    if details.hold_times:
        holds.place(one_off, times, now=now)
    return one_off


def _note(
    kind: ActivityKind, one_off: OneOffMeeting, by: User | None, now: datetime, facts: Facts | None = None
) -> Activity:
    return note_activity(
        kind, subject=one_off.pk, name=one_off.name, organizer=one_off.organizer, by=by, at=now, facts=facts
    )
