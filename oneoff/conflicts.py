"""Describe conflicts of a time, with only the details that the viewer is allowed to see."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from caledee.accounts.models import User
from caledee.timekeeping.wording import say_names
from oneoff.models import OneOffMeeting
from scheduling.availability.taken import Taken, TakenKind
from scheduling.models import Booking

Names = dict[UUID, str]


def names_known_to(viewer: User, taken: Collection[Taken]) -> Names:
    """Return the names of these claims that `viewer` may know: meetings they take part in, and one-offs they made.

    The names of a teammate's other meetings are left out. At most two queries.
    """
    claims = {kind: [each.claim for each in taken if each.kind is kind and each.claim] for kind in TakenKind}
    names: Names = {}
    if booked := claims[TakenKind.BOOKING]:
        known = Booking.objects.filter(
            Q(organizer=viewer)
            | Q(single_use_link__one_off__created_by=viewer)
            | Q(pk__in=viewer.cohosted_bookings.values("pk")),
            pk__in=booked,
        )
        names |= dict(known.values_list("pk", "name"))
    if held := claims[TakenKind.HOLD]:
        known_holds = OneOffMeeting.objects.filter(
            Q(organizer=viewer) | Q(created_by=viewer) | Q(pk__in=viewer.cohosted_one_off_meetings.values("pk")),
            pk__in=held,
        )
        names |= dict(known_holds.values_list("pk", "name"))
    return names


def describe_conflicts(taken: Iterable[Taken], people: Collection[User], names: Names, viewer: User) -> str:
    """Say why a time cannot be offered: the first conflict of each of `people`, who begin with the organizer."""
    first: dict[UUID, Taken] = {}
    for each in taken:
        first.setdefault(each.person, each)
    of_each = [(person, first[person.pk]) for person in people if person.pk in first]
    organizer = next(iter(people))
    # One meeting that takes the time of several people is mentioned once.
    return " ".join(dict.fromkeys(_describe(each, person, organizer, names, viewer) for person, each in of_each))


def describe_calendars(taken: Iterable[Taken], people: Collection[User], viewer: User) -> str:
    """Say what connected calendars of `people` have at a time, which can be offered in spite of that.

    Only their owner sees the name of a calendar.
    """
    of_each = {person.pk: person for person in people}
    said = [_describe_calendar(each, of_each[each.person], viewer) for each in taken if not each.is_ours]
    return " ".join(dict.fromkeys(said))


def say_taken_elsewhere(taken: Iterable[Taken], people: Collection[User], viewer: User) -> str:
    """Return such as "Taken in your calendar", for a time that connected calendars hide from the invitee."""
    of_each = {person.pk: person for person in people}
    is_known: dict[User, bool] = {}
    for each in taken:
        person = of_each[each.person]
        is_known[person] = is_known.get(person, False) or each.kind is TakenKind.OUTSIDE
    busy = [person for person, known in is_known.items() if known]
    if busy:
        return f"Taken in {say_names(_whose_calendar(person, viewer) for person in busy)}"
    unread = say_names(_whose_calendar(person, viewer) for person in is_known)
    return f"Not shown while {unread} can’t be read"


def _whose_calendar(person: User, viewer: User) -> str:
    return "your calendar" if person == viewer else f"{person.name}’s calendar"


def _describe_calendar(taken: Taken, person: User, viewer: User) -> str:
    if taken.kind is TakenKind.UNKNOWN:
        whose = taken.source if person == viewer else f"{person.name}’s calendar"
        return f"{whose} can’t be read at the moment. Nobody can book this time until it can."
    return f"You are busy then in {taken.source}." if person == viewer else f"{person.name} is busy then."


def _describe(taken: Taken, person: User, organizer: User, names: Names, viewer: User) -> str:
    name = names.get(taken.claim) if taken.claim else None
    if name is None:
        return "You are busy then." if person == viewer else f"{person.name} is busy then."
    what = f"already held for {name}." if taken.kind is TakenKind.HOLD else f"already booked: {name}."
    return f"A{what[1:]}" if person in {organizer, viewer} else f"{person.name} is {what}"
