"""Who may see and change what of scheduling. A stranger's thing is answered like one that does not exist: 404."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from caledee.accounts.models import User
from scheduling.models import Booking, EventType, MailRecord


def find_event_type(user: User, key: UUID) -> EventType:
    return get_object_or_404(EventType.objects.select_related("organizer"), pk=key, organizer=user)


def find_meeting(user: User, key: UUID) -> Booking:
    """One that `user` may cancel, being its organizer. Who is only a cohost may not."""
    found = Booking.objects.select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key, organizer=user)


def find_meeting_taken_part_in(user: User, key: UUID) -> Booking:
    found = Booking.objects.taking_part(user).select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key)


def find_undelivered_mail(user: User, key: UUID) -> MailRecord:
    """One that `user` is told of, being the organizer; put away already or not."""
    return get_object_or_404(MailRecord, pk=key, organizer=user, failed_at__isnull=False)
