"""Who is allowed to see and change which one-off meetings. Current roles decide at each request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404

from caledee.accounts.models import Membership, Role, User
from oneoff.models import OneOffMeeting, OneOffMeetingQuerySet


@dataclass(frozen=True, slots=True)
class Colleagues:
    """The people for whom, and with whom, `me` can create one-off meetings: `me` first, then the others by name.

    `circles` are the members of each organization that `me` administers. Everyone in a meeting has to be in the same
    circle. A member of two organizations doesn't connect them.
    """

    me: User
    people: list[User]
    circles: Collection[frozenset[UUID]]

    def may_meet(self, people: Iterable[User]) -> bool:
        keys = {person.pk for person in people}
        return keys <= {self.me.pk} or any(keys <= circle for circle in self.circles)


def colleagues_of(user: User) -> Colleagues:
    """Make one query."""
    administered = Membership.objects.filter(user=user, role__in=Role.administrators()).values("organization")
    memberships = Membership.objects.filter(organization__in=administered, user__is_active=True)
    circles: dict[UUID, set[UUID]] = {}
    people: dict[UUID, User] = {}
    for membership in memberships.select_related("user"):
        circles.setdefault(membership.organization_id, set()).add(membership.user_id)
        people[membership.user_id] = membership.user
    others = [person for person in people.values() if person != user]
    return Colleagues(
        me=user,
        people=[user, *sorted(others, key=lambda person: (person.name, person.handle))],
        circles=[frozenset(circle) for circle in circles.values()],
    )


def one_offs_on_board(user: User) -> OneOffMeetingQuerySet:
    """Return those `user` organizes, created for people they can still create for, or cohosts."""
    teammates = User.objects.organized_by(user)
    found = Q(organizer=user) | Q(created_by=user, organizer__in=teammates)
    # Loaded first, because with a subquery PostgreSQL wouldn't use an index.
    cohosted = list(OneOffMeeting.cohosts.through.objects.filter(user=user).values_list("oneoffmeeting", flat=True))
    return OneOffMeeting.objects.filter(found | Q(pk__in=cohosted) if cohosted else found)


def one_offs_of_team(user: User, organizer: User | None = None) -> OneOffMeetingQuerySet:
    """Return those of everyone `user` can create for, including `user`, or only those of one of these people."""
    managed = OneOffMeeting.objects.filter(organizer__in=User.objects.organized_by(user))
    return managed.filter(organizer=organizer) if organizer else managed


def managed_by(user: User, one_offs: Collection[OneOffMeeting]) -> set[UUID]:
    """Return which of these `user` is allowed to manage, and not only see. Makes one query."""
    organizers = {one_off.organizer_id for one_off in one_offs}
    managed = set(User.objects.organized_by(user).filter(pk__in=organizers).values_list("pk", flat=True))
    return {one_off.pk for one_off in one_offs if one_off.organizer_id in managed}


def creator_still_allowed(one_off: OneOffMeeting) -> list[User]:
    """Return who created it for someone else, if they can still create for the organizer."""
    creator = one_off.created_by
    if creator is None or creator == one_off.organizer:
        return []
    return [creator] if User.objects.organized_by(creator).filter(pk=one_off.organizer_id).exists() else []


def find_one_off(user: User, key: UUID) -> OneOffMeeting:
    """Return a one-off that `user` is allowed to manage, or raise 404."""
    allowed = OneOffMeeting.objects.filter(organizer__in=User.objects.organized_by(user))
    return get_object_or_404(allowed.for_board(), pk=key)


def find_one_off_to_see(user: User, key: UUID) -> OneOffMeeting:
    """Return a one-off that `user` is allowed to manage or cohosts, or raise 404."""
    managed = Q(organizer__in=User.objects.organized_by(user))
    cohosted = Q(pk__in=user.cohosted_one_off_meetings.values("pk"))
    return get_object_or_404(OneOffMeeting.objects.filter(managed | cohosted).for_board(), pk=key)
