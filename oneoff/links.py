"""The life of a single-use link: open, then permanently closed."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from oneoff.events import Opened
from oneoff.models import OneOffMeeting, SingleUseLink
from scheduling.bookings.offers import OfferClosed
from scheduling.events import record
from scheduling.models import Booking


class Closed(StrEnum):
    """Why a link can't be booked. `ended`: its booking was cancelled, or a reopened meeting has a new link."""

    BOOKED = "booked"
    ENDED = "ended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class LinkClosed(OfferClosed):
    """The link was booked or has expired."""


def find_link(handle: str, token: str) -> SingleUseLink | None:
    """Return the link at this address, open or closed. None if it doesn't exist or belongs to another handle."""
    return (
        SingleUseLink.objects.select_related("one_off__organizer", "booking")
        .prefetch_related("one_off__cohosts")
        .filter(token=token, one_off__organizer__handle=handle, one_off__organizer__is_active=True)
        .first()
    )


def find_link_of(booking_token: str) -> SingleUseLink | None:
    """Return the link that this booking closed, or None if it isn't a booking of a one-off."""
    return (
        SingleUseLink.objects.select_related("one_off__organizer", "booking__organizer", "booking__event_type")
        .prefetch_related("one_off__cohosts", "booking__cohosts")
        .filter(booking__token=booking_token, booking__forgotten_at=None)
        .first()
    )


def open_link(one_off: OneOffMeeting) -> SingleUseLink:
    """Give the meeting a new current link. The previous one has to be closed already."""
    link = SingleUseLink.objects.create(one_off=one_off)
    one_off.current_link = link
    one_off.save(update_fields=["current_link"])
    return link


def lock_link(one_off: OneOffMeeting) -> SingleUseLink | None:
    """Return the current link, locked until the transaction ends, or None if it was deleted.

    Lock the organizer first, because opening another link requires that lock.
    """
    return _lockable().filter(current_of=one_off.pk).first()


def lock_again(link: SingleUseLink) -> SingleUseLink | None:
    """Read this link again and lock it until the transaction ends. Return None if it was deleted."""
    return _lockable().filter(pk=link.pk).first()


def supersede(link: SingleUseLink, *, now: datetime) -> None:
    """Close a locked link that nobody booked, to give the meeting another one."""
    SingleUseLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=now)


def close(link: SingleUseLink, booking: Booking, *, now: datetime) -> None:
    """Close a locked link for the booking about to be inserted in this transaction (the reference is deferred)."""
    closed = SingleUseLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=now, booking_id=booking.pk)
    if not closed:
        raise LinkClosed


def why_closed(link: SingleUseLink) -> Closed:
    """Return why a link can't be booked. A link whose booking was cancelled isn't called booked."""
    if link.booking is not None and not link.booking.is_cancelled:
        return Closed.BOOKED
    if link.closed_at is not None:
        return Closed.ENDED
    return Closed.EXPIRED if link.one_off.proposed_times.exists() else Closed.WITHDRAWN


def note_opening(link: SingleUseLink, *, now: datetime) -> None:
    """Remember when the link's page was first shown."""
    with transaction.atomic():
        if SingleUseLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now):
            record(Opened(link.one_off), now=now)


def _lockable() -> QuerySet[SingleUseLink]:
    links = SingleUseLink.objects.select_for_update(no_key=True, of=["self"])
    return links.select_related("one_off__organizer", "booking").prefetch_related("one_off__cohosts")
