"""Delete accounts: close an account immediately, and erase its rows when all emails about it are sent.

In between, nobody can sign in to it and its pages don't exist. The rows stay because emails about its cancelled
meetings read the booking when they are sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from caledee.accounts.handles.register import lock_handles, remember_handle
from caledee.accounts.models import Membership, Organization, Role, User
from caledee.email.outbox import has_emails_on_the_way
from oneoff.creator.create import delete_one_off
from oneoff.models import OneOffMeeting
from scheduling.availability import ledger
from scheduling.bookings.book import cancel
from scheduling.calendars.connecting import disconnect_all
from scheduling.models import Booking, Canceller

# Sending an email is attempted for three days, so nothing is sent later than this.
ROWS_STAY_AT_MOST = timedelta(days=4)


class SoleOwner(Exception):
    """An organization that has other members would be left without an owner."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What closing an account would do. An account with `orphaned` organizations can't be closed."""

    meetings: int
    cohosted: int
    one_offs: int
    event_types: int
    deleted: list[str]
    left: list[str]
    orphaned: list[str]


def consequences_for(person: User, *, now: datetime) -> Consequences:
    """Return what closing the account would do now, in a fixed number of queries. Closing checks again."""
    names = dict(person.organizations.order_by("name", "pk").values_list("pk", "name"))
    orphaned, alone = _orphaned_by(person), _alone_in(person)
    return Consequences(
        meetings=_coming_meetings(person, now).count(),
        cohosted=person.cohosted_bookings.confirmed().filter(start__gt=now).count(),
        one_offs=_open_one_offs(person).count(),
        event_types=person.event_types.count(),
        deleted=[name for key, name in names.items() if key in alone],
        left=[name for key, name in names.items() if key not in alone | orphaned],
        orphaned=[name for key, name in names.items() if key in orphaned],
    )


def close_account(person: User, *, now: datetime) -> None:
    """Cancel upcoming meetings, notify invitees, delete open one-offs, disconnect calendars, and give up the names.

    Runs in one transaction that locks the person and all cohosts, then the organizations, then the handles. Meetings
    that the person cohosts continue without them. Organizations without other members are deleted. Closing a closed
    account changes nothing. Raises SoleOwner without changing anything.
    """
    while True:
        concerned = _people_concerned(person, now)
        with transaction.atomic():
            locked = {each.pk: each for each in ledger.lock_organizers(concerned)}
            # If a meeting with another cohost was booked before the lock, lock again: locks must be taken in order.
            if not _people_concerned(person, now) <= concerned:
                continue
            fresh = locked.get(person.pk)
            if fresh is not None and fresh.closed_at is None:
                _close(fresh, now)
            return


def erase_closed_accounts(*, now: datetime) -> int:
    """Erase the closed accounts whose emails are all sent, and return how many there were."""
    closed = User.objects.filter(closed_at__isnull=False).order_by("closed_at").values_list("pk", flat=True)
    return sum(erase_account(key, now=now) for key in list(closed))


def erase_account(key: UUID, *, now: datetime) -> bool:
    """Delete a closed account once its rows aren't needed anymore. Idempotent. Locks the person and their cohosts."""
    with transaction.atomic():
        cohosts = User.objects.filter(cohosted_bookings__organizer=key) | User.objects.filter(
            cohosted_one_off_meetings__organizer=key
        )
        locked = ledger.lock_organizers([key, *cohosts.values_list("pk", flat=True)])
        person = next((each for each in locked if each.pk == key), None)
        if person is None or person.closed_at is None or not _may_be_erased(person, person.closed_at, now):
            return False
        claims = [*Booking.objects.of(person).values_list("pk", flat=True)]
        claims += OneOffMeeting.objects.filter(organizer=person).values_list("pk", flat=True)
        ledger.release_claims(claims)
        person.delete()
    return True


def _close(person: User, now: datetime) -> None:
    organizations = _lock_organizations(person)
    if _orphaned_by(person):
        raise SoleOwner
    for booking in _coming_meetings(person, now):
        cancel(booking, by=Canceller.ORGANIZER, now=now)
    for one_off in _open_one_offs(person):
        delete_one_off(one_off, by=person, now=now)
    Booking.cohosts.through.objects.filter(user=person, booking__end__gt=now).delete()
    OneOffMeeting.cohosts.through.objects.filter(user=person).delete()
    ledger.release_person(person)
    disconnect_all(person)
    person.event_types.all().delete()
    _leave(person, organizations, now)
    _give_up_names(person, now)


def _leave(person: User, organizations: list[Organization], now: datetime) -> None:
    alone = _alone_in(person)
    lock_handles()
    for organization in organizations:
        if organization.pk in alone:
            remember_handle(organization, organization.handle, now=now)
            organization.delete()
    person.memberships.all().delete()


def _give_up_names(person: User, now: datetime) -> None:
    """Reserve the handle, free the email address, and remove all ways to sign in, including open sessions."""
    remember_handle(person, person.handle, now=now)
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    person.closed_at, person.closed_email = now, person.email
    person.handle, person.email = f"closed-{person.pk.hex}", f"{person.pk.hex}@closed.invalid"
    person.is_active = person.is_staff = person.is_superuser = False
    person.set_unusable_password()
    person.save()


def _people_concerned(person: User, now: datetime) -> set[UUID]:
    """Return the person and everyone else whose busy time changes when the account is closed."""
    cohosts = _coming_meetings(person, now).values_list("cohosts", flat=True)
    holders = _open_one_offs(person).values_list("cohosts", flat=True)
    return {person.pk, *(key for key in [*cohosts, *holders] if key)}


def _coming_meetings(person: User, now: datetime) -> QuerySet[Booking]:
    return Booking.objects.of(person).confirmed().filter(start__gt=now).order_by("start", "pk")


def _open_one_offs(person: User) -> QuerySet[OneOffMeeting]:
    return OneOffMeeting.objects.filter(organizer=person, current_link__closed_at=None).order_by("created_at", "pk")


def _lock_organizations(person: User) -> list[Organization]:
    mine = Organization.objects.filter(pk__in=person.memberships.values("organization"))
    return list(mine.select_for_update().order_by("pk"))


def _orphaned_by(person: User) -> set[UUID]:
    """Return the organizations that have other members but no other owner."""
    owned = person.memberships.filter(role=Role.OWNER).values("organization")
    others = Membership.objects.filter(organization__in=owned).exclude(user=person)
    has_others = set(others.values_list("organization", flat=True))
    return has_others - set(others.filter(role=Role.OWNER).values_list("organization", flat=True))


def _alone_in(person: User) -> set[UUID]:
    mine = person.memberships.values_list("organization", flat=True)
    others = Membership.objects.filter(organization__in=mine).exclude(user=person)
    return set(mine) - set(others.values_list("organization", flat=True))


def _may_be_erased(person: User, closed_at: datetime, now: datetime) -> bool:
    """Return whether all emails are sent and no meeting is in progress, whose page its invitee may open."""
    if Booking.objects.of(person).confirmed().filter(end__gt=now).exists():
        return False
    return now >= closed_at + ROWS_STAY_AT_MOST or not has_emails_on_the_way(person)
