"""The life of a single-use link: open, then closed, once and for ever."""

from datetime import datetime

from django.db import transaction

from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.activity import note_activity
from scheduling.models import ActivityKind, Booking
from scheduling.offers import OfferClosed


class LinkClosed(OfferClosed):
    """The link has been booked, or is past the moment until which it was valid."""


def find_link(handle: str, token: str) -> SingleUseLink | None:
    """The link at this address, open or closed. None for an unknown or deleted one, or on somebody else's page."""
    return (
        SingleUseLink.objects.select_related("one_off__organizer", "booking")
        .prefetch_related("one_off__cohosts")
        .filter(token=token, one_off__organizer__handle=handle, one_off__organizer__is_active=True)
        .first()
    )


def lock_link(one_off: OneOffMeeting) -> SingleUseLink | None:
    """The one-off's link, locked until the transaction ends; None if it was deleted. Lock the organizer first."""
    return (
        SingleUseLink.objects.select_for_update(no_key=True, of=["self"])
        .select_related("one_off__organizer", "booking")
        .prefetch_related("one_off__cohosts")
        .filter(one_off_id=one_off.pk)
        .first()
    )


def close(link: SingleUseLink, booking: Booking, *, now: datetime) -> None:
    """Close a locked link for the booking about to be inserted in this transaction (the reference is deferred)."""
    closed = SingleUseLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=now, booking_id=booking.pk)
    if not closed:
        raise LinkClosed


def note_opening(link: SingleUseLink, *, now: datetime) -> None:
    """Note when the link's page was first shown to somebody."""
    one_off = link.one_off
    with transaction.atomic():
        if SingleUseLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now):
            note_activity(
                ActivityKind.OPENED,
                subject=one_off.pk,
                name=one_off.name,
                organizer=one_off.organizer,
                by=None,
                at=now,
            )
