"""Who may see and change what of scheduling. A stranger's thing is answered like one that does not exist: 404."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from caledee.accounts.models import User
from scheduling.models import Booking, EventType


def find_event_type(user: User, key: UUID) -> EventType:
    return get_object_or_404(EventType.objects.select_related("organizer"), pk=key, organizer=user)


def find_meeting(user: User, key: UUID) -> Booking:
    return get_object_or_404(Booking.objects.select_related("organizer"), pk=key, organizer=user)
