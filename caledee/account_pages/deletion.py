"""Leaving: an account is closed at once, and its rows are erased once everybody has been told.

Between the two nobody can sign in with it and none of its pages answers. The rows stay because the mails of its
cancelled meetings look at the booking when they are sent.
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
from caledee.email.outbox import is_still_telling_for
from oneoff.creator.create import delete_one_off
from oneoff.models import OneOffMeeting
from scheduling.availability import ledger
from scheduling.bookings.book import cancel
from scheduling.models import Booking, Canceller

# Mails are tried for three days: whoever is not told by then never will be.
ROWS_STAY_AT_MOST = timedelta(days=4)


class SoleOwner(Exception):
    """Organizations with other members would be left without an owner."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What closing an account does, counted or named. With `orphaned` organizations it cannot be closed."""

    meetings: int
    cohosted: int
    one_offs: int
    event_types: int
    deleted: list[str]
    left: list[str]
    orphaned: list[str]


def consequences_for(person: User, *, now: datetime) -> Consequences:
    """A fixed number of queries. Promises nothing: closing looks again."""
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
    """Close the account: cancel what lies ahead, tell the invitees, close what is open, give up handle and email.

    One transaction. It locks the person and all cohosts, then the organizations, then the register of handles. What
    the person cohosts goes on without them; an organization they are alone in goes with them. Closing what is closed
    changes nothing. Raises SoleOwner; nothing is changed then.
    """
    while True:
        concerned = _people_concerned(person, now)
        with transaction.atomic():
            locked = {each.pk: each for each in ledger.lock_organizers(concerned)}
            # Somebody may have booked with another cohost before the lock: it must be taken in order, so anew.
            if not _people_concerned(person, now) <= concerned:
                continue
            fresh = locked.get(person.pk)
            if fresh is not None and fresh.closed_at is None:
                _close(fresh, now)
            return


def erase_closed_accounts(*, now: datetime) -> int:
    """Erase the closed accounts of which all mails are out. Returns how many went."""
    closed = User.objects.filter(closed_at__isnull=False).order_by("closed_at").values_list("pk", flat=True)
    return sum(erase_account(key, now=now) for key in list(closed))


def erase_account(key: UUID, *, now: datetime) -> bool:
    """Delete a closed account's rows, if it is time; again does nothing. Locks the person and their cohosts."""
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
    """The handle rests; the email is free at once; no way leads in any more, and every session is over."""
    remember_handle(person, person.handle, now=now)
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    person.closed_at, person.closed_email = now, person.email
    person.handle, person.email = f"closed-{person.pk.hex}", f"{person.pk.hex}@closed.invalid"
    person.is_active = person.is_staff = person.is_superuser = False
    person.set_unusable_password()
    person.save()


def _people_concerned(person: User, now: datetime) -> set[UUID]:
    """The person, and whoever else loses busy time when the account is closed."""
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
    """The organizations that have other members, and no other owner."""
    owned = person.memberships.filter(role=Role.OWNER).values("organization")
    others = Membership.objects.filter(organization__in=owned).exclude(user=person)
    has_others = set(others.values_list("organization", flat=True))
    return has_others - set(others.filter(role=Role.OWNER).values_list("organization", flat=True))


def _alone_in(person: User) -> set[UUID]:
    mine = person.memberships.values_list("organization", flat=True)
    others = Membership.objects.filter(organization__in=mine).exclude(user=person)
    return set(mine) - set(others.values_list("organization", flat=True))


def _may_be_erased(person: User, closed_at: datetime, now: datetime) -> bool:
    """When nobody is left to be told, and no meeting is going on that its invitee may look up."""
    if Booking.objects.of(person).confirmed().filter(end__gt=now).exists():
        return False
    return now >= closed_at + ROWS_STAY_AT_MOST or not is_still_telling_for(person)
