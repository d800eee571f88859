"""Who may see and change what of scheduling. A stranger's thing is answered like one that does not exist: 404."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from caledee.accounts.models import Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.email.models import EmailRecord
from scheduling.models import Booking, EventType


def find_event_type(user: User, key: UUID) -> EventType:
    """One that `user` may change: their own, or one of an organization that they administer. A host may not."""
    managed = EventType.objects.managed_by(user)
    return get_object_or_404(managed.select_related("organizer", "organization"), pk=key)


def organizations_for_event_types(user: User) -> list[Organization]:
    """Those for which `user` may create event types, by name: of the plan Team, with `user` as owner or admin."""
    administered = user.memberships.filter(role__in=Role.administrators())
    organizations = Organization.objects.filter(plan=Plan.TEAM, pk__in=administered.values("organization"))
    return list(organizations.order_by("name", "handle"))


def find_meeting(user: User, key: UUID) -> Booking:
    """One that `user` may cancel, being its organizer. Who is only a cohost may not."""
    found = Booking.objects.select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key, organizer=user)


def find_meeting_taken_part_in(user: User, key: UUID) -> Booking:
    found = Booking.objects.taking_part(user).select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key)


def find_undelivered_email(user: User, key: UUID) -> EmailRecord:
    """One that `user` is told of, being the organizer; put away already or not."""
    return get_object_or_404(EmailRecord, pk=key, organizer=user, failed_at__isnull=False)
