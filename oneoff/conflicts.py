"""Describe conflicts of a time, with only the details that the viewer is allowed to see."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from caledee.accounts.models import User
from oneoff.models import OneOffMeeting
from scheduling.models import Booking, BusyKind, BusyTime

Names = dict[UUID, str]


def names_known_to(viewer: User, rows: Collection[BusyTime]) -> Names:
    """Return the names of these claims that `viewer` can see: meetings they attend, and one-offs they created.

    Other meetings of teammates stay nameless. Makes at most two queries.
    """
    claims = {kind: [row.claim for row in rows if row.kind == kind] for kind in BusyKind}
    names: Names = {}
    if booked := claims[BusyKind.BOOKING]:
        known = Booking.objects.filter(
            Q(organizer=viewer)
            | Q(single_use_link__one_off__created_by=viewer)
            | Q(pk__in=viewer.cohosted_bookings.values("pk")),
            pk__in=booked,
        )
        names |= dict(known.values_list("pk", "name"))
    if held := claims[BusyKind.HOLD]:
        known_holds = OneOffMeeting.objects.filter(
            Q(organizer=viewer) | Q(created_by=viewer) | Q(pk__in=viewer.cohosted_one_off_meetings.values("pk")),
            pk__in=held,
        )
        names |= dict(known_holds.values_list("pk", "name"))
    return names


def describe_conflicts(rows: Iterable[BusyTime], people: Collection[User], names: Names, viewer: User) -> str:
    """Return why a time can't be offered: the first of the rows of each of `people`, whose first is the organizer."""
    first_rows: dict[UUID, BusyTime] = {}
    for row in rows:
        first_rows.setdefault(row.organizer_id, row)
    of_each = [(person, first_rows[person.pk]) for person in people if person.pk in first_rows]
    organizer = next(iter(people))
    # Each sentence once, because one meeting can take the time of several people.
    return " ".join(dict.fromkeys(_describe(row, person, organizer, names, viewer) for person, row in of_each))


def _describe(row: BusyTime, person: User, organizer: User, names: Names, viewer: User) -> str:
    name = names.get(row.claim)
    if name is None:
        return "You are busy then." if person == viewer else f"{person.name} is busy then."
    what = f"already held for {name}." if row.kind == BusyKind.HOLD else f"already booked: {name}."
    return f"A{what[1:]}" if person in {organizer, viewer} else f"{person.name} is {what}"
