"""What stands in a time's way, in words, as far as the viewer may know it."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from caledee.accounts.models import User
from oneoff.models import OneOffMeeting
from scheduling.models import Booking, BusyKind, BusyTime

Names = dict[UUID, str]


def names_known_to(viewer: User, rows: Collection[BusyTime]) -> Names:
    """The names behind these claims that `viewer` may know: their own, and those of one-offs they made themselves.

    A teammate's other meetings stay nameless. At most two queries.
    """
    claims = {kind: [row.claim for row in rows if row.kind == kind] for kind in BusyKind}
    names: Names = {}
    if booked := claims[BusyKind.BOOKING]:
        known = Booking.objects.filter(
            Q(organizer=viewer) | Q(single_use_link__one_off__created_by=viewer), pk__in=booked
        )
        names |= dict(known.values_list("pk", "name"))
    if held := claims[BusyKind.HOLD]:
        known_holds = OneOffMeeting.objects.filter(Q(organizer=viewer) | Q(created_by=viewer), pk__in=held)
        names |= dict(known_holds.values_list("pk", "name"))
    return names


def describe_conflict(row: BusyTime, names: Names, organizer: User, viewer: User) -> str:
    name = names.get(row.claim)
    if name is None:
        return "You are busy then." if organizer == viewer else f"{organizer.name} is busy then."
    return f"Already held for {name}." if row.kind == BusyKind.HOLD else f"Already booked: {name}."
