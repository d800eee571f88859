"""Creating one-off meetings, withdrawing their times, deleting them.

Each is one transaction, which first locks everyone whose time it takes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects

from caledee.accounts.models import User
from caledee.locations import clean_location
from caledee.timekeeping.periods import Period
from oneoff import holds, links
from oneoff.events import Created, Deleted, TimeOfferedAnyway, TimeWithdrawn
from oneoff.models import CounterProposal, OneOffMeeting, ProposedTime
from oneoff.permissions import colleagues_of
from oneoff.rules import PROPOSED_STARTS, people_refusals, validity_refusals
from scheduling.availability import ledger
from scheduling.availability.taken import Taken, TakenKind, conflicts_with
from scheduling.events import record
from scheduling.feeds import addresses
from scheduling.rooms import room_refusals
from scheduling.rules import NAME_MAX_LENGTH, Refusal, address_refusals, length_refusals, meeting_refusals, refuse_any

type Conflicts = dict[Period, list[Taken]]


class TimesTaken(Exception):
    """Some of the times cannot be offered. `conflicts` maps each of them to what takes it."""

    def __init__(self, conflicts: Conflicts) -> None:
        super().__init__(f"{len(conflicts)} of the times are taken")
        self.conflicts = conflicts


class AccountClosed(Exception):
    """Some of the people whose time it would take have closed their accounts."""

    def __init__(self, people: Collection[User]) -> None:
        super().__init__(f"{len(people)} of the people have closed their accounts")
        self.people = people


@dataclass(frozen=True, slots=True)
class Details:
    """A one-off meeting without its times and its people."""

    name: str
    duration: timedelta
    location_kind: str
    location: str = ""
    room_kind: str = ""
    description: str = ""
    hold_times: bool = True
    valid_until: datetime | None = None
    invitee_name: str = ""
    invitee_email: str = ""

    @property
    def cleaned_location(self) -> str:
        return clean_location(self.location_kind, self.location)


def details_refusals(details: Details, *, now: datetime) -> Iterator[Refusal]:
    yield from meeting_refusals(details)
    yield from length_refusals("invitee_name", details.invitee_name, NAME_MAX_LENGTH)
    if details.invitee_email:
        yield from address_refusals("invitee_email", details.invitee_email)
    yield from validity_refusals(details.valid_until, now=now)


def create_one_off(
    details: Details,
    starts: Collection[datetime],
    *,
    organizer: User,
    cohosts: Collection[User] = (),
    created_by: User,
    now: datetime,
) -> OneOffMeeting:
    """Create the meeting with its proposed times, link and holds, and record it.

    Locks the organizer and the cohosts. Raises Refused with everything that breaks a rule, including people for whom
    `created_by` cannot create. Raises AccountClosed if someone has left. Raises TimesTaken if a meeting or a hold of
    any of them overlaps a time: such a time could not be booked, even without a hold. Their calendars elsewhere don't
    prevent anything, because the organizer picks the times by hand.
    """
    refuse_any(
        [
            *details_refusals(details, now=now),
            *room_refusals(details, [organizer]),
            *PROPOSED_STARTS.refusals(starts, now=now),
        ]
    )
    people = [organizer, *cohosts]
    with transaction.atomic():
        active = {person.pk for person in ledger.lock_organizers(people) if person.is_active}
        if closed := [person for person in people if person.pk not in active]:
            raise AccountClosed(closed)
        if people != [created_by]:
            refuse_any(people_refusals(organizer, cohosts, colleagues_of(created_by)))
        periods = [Period.lasting(start, details.duration) for start in sorted(starts)]
        conflicts = conflicts_with(people, periods, now=now)
        if ours := only_ours(conflicts):
            raise TimesTaken(ours)
        anyway = periods_busy_outside(conflicts)
        one_off = _insert(details, periods, anyway=anyway, people=people, created_by=created_by, now=now)
        record(Created(one_off, by=created_by, people=people, number_of_times=len(periods)), now=now)
    return one_off


def delete_one_off(one_off: OneOffMeeting, *, by: User | None, now: datetime) -> None:
    """Release its holds and delete it with its link, and record it. Its history stays.

    Locks everyone whose time it takes, then the link, so that either this or a booking at the same moment succeeds.
    Deleting it twice changes nothing. Raises LinkClosed while it has a booking in the future.
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
        addresses.note_change(people, now=now)
        OneOffMeeting.objects.filter(pk=one_off.pk).delete()
        record(Deleted(one_off, by=by, people=people, waiting=waiting), now=now)


def withdraw_time(time: ProposedTime, *, by: User | None, now: datetime) -> None:
    """Delete one proposed time with its hold, and record it. Withdrawing it twice changes nothing.

    Locks everyone whose time it takes, then the link. Raises LinkClosed once the one-off is booked.
    """
    with transaction.atomic():
        people = ledger.lock_organizers(time.one_off.people)
        link = links.lock_link(time.one_off)
        if link is not None and link.closed_at is not None:
            raise links.LinkClosed
        holds.release_time(time)
        addresses.note_change(people, now=now)
        deleted, _ = ProposedTime.objects.filter(pk=time.pk).delete()
        if deleted:
            record(TimeWithdrawn(time.one_off, by=by, period=time.period), now=now)


def offer_anyway(time: ProposedTime, *, by: User, now: datetime) -> None:
    """Offer a time in spite of what connected calendars say about it, and record it. Doing it twice changes nothing.

    Locks everyone whose time it takes, then the link. Raises LinkClosed once the one-off is booked or deleted.
    """
    with transaction.atomic():
        ledger.lock_organizers(time.one_off.people)
        link = links.lock_link(time.one_off)
        if link is None or link.closed_at is not None:
            raise links.LinkClosed
        changed = ProposedTime.objects.filter(pk=time.pk, offered_anyway=False).update(offered_anyway=True)
        if changed:
            record(TimeOfferedAnyway(time.one_off, by=by, period=time.period), now=now)


def only_ours(conflicts: Conflicts) -> Conflicts:
    """Leave out what connected calendars have at these times."""
    ours = {period: [each for each in taken if each.is_ours] for period, taken in conflicts.items()}
    return {period: taken for period, taken in ours.items() if taken}


def periods_busy_outside(conflicts: Conflicts) -> set[Period]:
    """Return the times at which a connected calendar is known to be busy."""
    return {period for period, taken in conflicts.items() if any(each.kind is TakenKind.OUTSIDE for each in taken)}


def _insert(
    details: Details,
    periods: list[Period],
    *,
    anyway: Collection[Period],
    people: list[User],
    created_by: User,
    now: datetime,
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
        location=details.cleaned_location,
        room_kind=details.room_kind,
        description=details.description,
        hold_times=details.hold_times,
        valid_until=details.valid_until,
        invitee_name=details.invitee_name,
        invitee_email=details.invitee_email,
    )
    if cohosts:
        one_off.cohosts.add(*cohosts)
    # Read once, for the holds and for those who are notified.
    prefetch_related_objects([one_off], "cohosts")
    times = ProposedTime.objects.bulk_create(
        [
            ProposedTime(one_off=one_off, start=period.start, end=period.end, offered_anyway=period in anyway)
            for period in periods
        ]
    )
    links.open_link(one_off)
    if details.hold_times:
        holds.place(one_off, times, now=now)
    return one_off
