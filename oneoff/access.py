"""Who may see and change which one-off meetings. Decided anew at each request, by today's roles."""

from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404

from caledee.accounts.models import User
from oneoff.models import OneOffMeeting, OneOffMeetingQuerySet


def organizers_for(user: User) -> list[User]:
    """For whom `user` may create one-off meetings: themselves first, then the people of the organizations they
    administer, by name."""
    people = User.objects.organized_by(user).filter(is_active=True).order_by("name", "handle")
    return sorted(people, key=lambda person: person.pk != user.pk)


def one_offs_on_board(user: User) -> OneOffMeetingQuerySet:
    """Those of `user`, and those that `user` made for somebody for whom they may still do so."""
    teammates = User.objects.organized_by(user)
    return OneOffMeeting.objects.filter(Q(organizer=user) | Q(created_by=user, organizer__in=teammates))


def find_one_off(user: User, key: UUID) -> OneOffMeeting:
    """One that `user` may manage; to everybody else it does not exist: 404."""
    allowed = OneOffMeeting.objects.filter(organizer__in=User.objects.organized_by(user))
    return get_object_or_404(allowed.for_board(), pk=key)
