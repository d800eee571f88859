"""Who can see and change what. A stranger gets the same 404 as for something that doesn't exist."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from caledee.accounts.models import Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.email.models import EmailRecord
from scheduling.models import Booking, EventType
from scheduling.sources import sources


def find_event_type(user: User, key: UUID) -> EventType:
    """Return one that the user can change: their own, or one of an organization they administer. Hosts can't."""
    managed = EventType.objects.managed_by(user)
    return get_object_or_404(managed.select_related("organizer", "organization"), pk=key)


def organizations_for_event_types(user: User) -> list[Organization]:
    """Return the organizations on the Team plan in which the user is owner or admin, by name."""
    administered = user.memberships.filter(role__in=Role.administrators())
    organizations = Organization.objects.filter(plan=Plan.TEAM, pk__in=administered.values("organization"))
    return list(organizations.order_by("name", "handle"))


def find_meeting(user: User, key: UUID) -> Booking:
    """Return one that the user organizes and can cancel. Cohosts can't."""
    found = Booking.objects.select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key, organizer=user)


def find_meeting_to_manage(user: User, key: UUID) -> Booking:
    """Return one that the user organizes, or can manage because of what it was made on."""
    return get_object_or_404(sources.managed_by(user).select_related("organizer"), pk=key)


def find_meeting_taken_part_in(user: User, key: UUID) -> Booking:
    found = Booking.objects.taking_part(user).select_related("organizer").prefetch_related("cohosts")
    return get_object_or_404(found, pk=key)


def find_undelivered_email(user: User, key: UUID) -> EmailRecord:
    """Return an undelivered email about the user's own meeting, dismissed or not."""
    return get_object_or_404(EmailRecord, pk=key, organizer=user, failed_at__isnull=False)
