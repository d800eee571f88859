"""Who may see and change which one-off meetings. Decided anew at each request, by today's roles."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404

from caledee.accounts.models import Membership, Role, User
from oneoff.models import OneOffMeeting, OneOffMeetingQuerySet


@dataclass(frozen=True, slots=True)
class Colleagues:
    """With whom `me` may create one-off meetings, as organizers or cohosts: oneself first, the others by name.

    `circles` are the people of each organization that `me` administers. All who meet must be of one of them: whom two
    organizations share brings nobody of the one together with somebody of the other.
    """

    me: User
    people: list[User]
    circles: Collection[frozenset[UUID]]

    def may_meet(self, people: Iterable[User]) -> bool:
        keys = {person.pk for person in people}
        return keys <= {self.me.pk} or any(keys <= circle for circle in self.circles)


def colleagues_of(user: User) -> Colleagues:
    """One query."""
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
    """Those of `user`, those that they made for somebody for whom they still may, and those they take part in."""
    teammates = User.objects.organized_by(user)
    found = Q(organizer=user) | Q(created_by=user, organizer__in=teammates)
    # Asked for at once: a subquery in their place would keep PostgreSQL from using any index.
    cohosted = list(OneOffMeeting.cohosts.through.objects.filter(user=user).values_list("oneoffmeeting", flat=True))
    return OneOffMeeting.objects.filter(found | Q(pk__in=cohosted) if cohosted else found)


def one_offs_of_team(user: User, organizer: User | None = None) -> OneOffMeetingQuerySet:
    """Those of everybody for whom `user` may create, oneself among them; or of one of these people."""
    managed = OneOffMeeting.objects.filter(organizer__in=User.objects.organized_by(user))
    return managed.filter(organizer=organizer) if organizer else managed


def managed_by(user: User, one_offs: Collection[OneOffMeeting]) -> set[UUID]:
    """Which of these `user` may do more with than look at. One query."""
    organizers = {one_off.organizer_id for one_off in one_offs}
    managed = set(User.objects.organized_by(user).filter(pk__in=organizers).values_list("pk", flat=True))
    return {one_off.pk for one_off in one_offs if one_off.organizer_id in managed}


def creator_still_allowed(one_off: OneOffMeeting) -> list[User]:
    """Who made it for somebody else, unless they may create for its organizer no more."""
    creator = one_off.created_by
    if creator is None or creator == one_off.organizer:
        return []
    return [creator] if User.objects.organized_by(creator).filter(pk=one_off.organizer_id).exists() else []


def find_one_off(user: User, key: UUID) -> OneOffMeeting:
    """One that `user` may manage, and cancel once booked; to everybody else it does not exist: 404."""
    allowed = OneOffMeeting.objects.filter(organizer__in=User.objects.organized_by(user))
    return get_object_or_404(allowed.for_board(), pk=key)


def find_one_off_to_see(user: User, key: UUID) -> OneOffMeeting:
    """One that `user` may manage, or in which they take part as cohost."""
    managed = Q(organizer__in=User.objects.organized_by(user))
    cohosted = Q(pk__in=user.cohosted_one_off_meetings.values("pk"))
    return get_object_or_404(OneOffMeeting.objects.filter(managed | cohosted).for_board(), pk=key)
