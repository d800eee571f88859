"""Booking, moving and cancelling: lock, check again, claim the time, write, record. Each is one transaction.

Listeners are called inside it (`scheduling.events`). Jobs that they queue are in the same database: a job commits with
its booking or disappears with it, and no worker sees it earlier.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, prefetch_related_objects

from caledee.accounts.models import User
from scheduling.availability import ledger
from scheduling.bookings.events import Booked, Cancelled, Moved
from scheduling.bookings.offers import Invitee, Offer, Slot, SlotTaken
from scheduling.events import record
from scheduling.models import Booking, BusyKind, Canceller
from scheduling.rooms import room_for

REPEAT_WINDOW = timedelta(hours=1)


class BookingOver(Exception):
    """The meeting has started or is cancelled, so it can't be cancelled or moved."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Proof that a submission comes from the form or the browser that made a booking.

    What a person typed proves nothing, because anyone who knows them can type the same.
    """

    nonce: str = ""
    tokens: Collection[str] = ()


UNKNOWN_SENDER = Sender()


def book(
    offer: Offer,
    slot: Slot,
    invitee: Invitee,
    *,
    sender: Sender = UNKNOWN_SENDER,
    by: User | None = None,
    now: datetime,
) -> Booking:
    """Make the booking, claim its time and record it.

    Locks everyone whose time it can take, then what the offer depends on (for a one-off meeting, its link). If the
    same form or browser sends the same submission again within REPEAT_WINDOW, returns the booking that it made. `by`
    is who does it on the organizer side, or None if it is the invitee. Raises OfferClosed (for a one-off, LinkClosed),
    SlotTaken, InviteeLimitReached or MailboxFull.
    """
    with transaction.atomic():
        ledger.lock_organizers(offer.people)
        if earlier := booked_before(offer, slot, invitee, sender, now):
            return earlier
        offer.lock()
        if not offer.is_open(slot, now=now):
            raise SlotTaken
        offer.check_invitee(invitee, now=now)
        organizer, *cohosts = offer.takers(slot, now=now)
        booking = _booking_of(offer, organizer, slot, invitee, sender, now)
        offer.attach(booking, now=now)
        booking.save(force_insert=True)
        if cohosts:
            booking.cohosts.add(*cohosts)
        # A new booking without cohosts is known to have none, so they needn't be looked up.
        known = User.objects.all() if cohosts else User.objects.none()
        prefetch_related_objects([booking], Prefetch("cohosts", queryset=known))
        _claim_time(offer, booking, now)
        record(Booked(booking, by), now=now)
    return booking


def reschedule(booking: Booking, offer: Offer, slot: Slot, *, by: User | None = None, now: datetime) -> Booking:
    """Move the booking to another slot of the event type or one-off that it was booked on, and record it.

    `offer` has the slots that it can move to; its own time doesn't block it there. `by` is who does it on the
    organizer side, or None if it is the invitee. It stays the same booking, in calendars too: UID is kept, SEQUENCE
    rises (RFC 5545, section 3.8.7.4). Locks the organizer and the cohosts, then the booking, then what the offer
    depends on. Moving it to its own time changes nothing. Raises BookingOver, OfferClosed, SlotTaken or MailboxFull.
    """
    with transaction.atomic():
        booking = _lock(booking)
        if booking.is_cancelled or booking.start <= now:
            raise BookingOver
        if booking.period == slot.period:
            return booking
        offer.lock()
        if not offer.is_open(slot, now=now):
            raise SlotTaken
        before = booking.period
        booking.start, booking.end = slot.period.start, slot.period.end
        booking.sequence += 1
        booking.updated_at = now
        booking.save(update_fields=["start", "end", "sequence", "updated_at"])
        ledger.release(booking.pk)
        _claim_time(offer, booking, now)
        record(Moved(booking, by, before=before), now=now)
    return booking


def cancel(booking: Booking, *, by: Canceller, reason: str = "", actor: User | None = None, now: datetime) -> Booking:
    """Cancel the booking, release its time and record it. A link that the booking closed stays closed.

    `by` is the side that cancels; `actor` is who does it on the organizer side, if it isn't the organizer. Locks the
    organizer and the cohosts, then the booking. Cancelling it twice changes nothing. Raises BookingOver if the meeting
    has started.
    """
    with transaction.atomic():
        booking = _lock(booking)
        if booking.is_cancelled:
            return booking
        if booking.start <= now:
            raise BookingOver
        booking.cancelled_at = booking.updated_at = now
        booking.cancelled_by = by
        booking.cancel_reason = reason
        booking.sequence += 1
        booking.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason", "sequence", "updated_at"])
        ledger.release(booking.pk)
        record(Cancelled(booking, None if by == Canceller.INVITEE else actor or booking.organizer), now=now)
    return booking


def _lock(booking: Booking) -> Booking:
    """Lock the organizer and the cohosts first, then the booking, and read it again."""
    ledger.lock_organizers(booking.people)
    rows = Booking.objects.select_for_update(no_key=True, of=["self"]).select_related("organizer", "event_type")
    return rows.prefetch_related("cohosts").get(pk=booking.pk)


def booked_before(offer: Offer, slot: Slot, invitee: Invitee, sender: Sender, now: datetime) -> Booking | None:
    """Find the booking that the same submission made a moment ago: a double click, a reload, a lost response.

    The sender needs proof, because the response opens the booking to them. Everything typed must be the same too: a
    form that was changed and sent again asks for something else.
    """
    from_sender = Q(token__in=sender.tokens)
    if sender.nonce:
        from_sender |= Q(nonce=sender.nonce)
    made = offer.bookings().filter(
        from_sender,
        cancelled_at=None,
        created_at__gt=now - REPEAT_WINDOW,
        # Together with the start, an index finds these few.
        organizer__in=offer.people,
        start=slot.period.start,
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        notes=invitee.notes,
    )
    # Only what the invitee typed is compared: a room of the booking's own is at an address that nobody typed.
    if invitee.location:
        made = made.filter(location=invitee.location)
    return made.first()


def _booking_of(offer: Offer, organizer: User, slot: Slot, invitee: Invitee, sender: Sender, now: datetime) -> Booking:
    room = room_for(offer, organizer)
    return Booking(
        organizer=organizer,
        name=offer.name,
        description=offer.description,
        start=slot.period.start,
        end=slot.period.end,
        location_kind=offer.location_kind,
        location=room or invitee.location or offer.location,
        room_kind=offer.room_kind if room else "",
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        invitee_clock=invitee.clock,
        notes=invitee.notes,
        nonce=sender.nonce,
        created_at=now,
        updated_at=now,
        # One random identity for its whole life, which reveals nothing about its maker (RFC 7986, section 5.3).
        uid=str(uuid.uuid4()),
    )


def _claim_time(offer: Offer, booking: Booking, now: datetime) -> None:
    taken = ledger.Claimed(booking.period, before_buffer=offer.before_buffer, after_buffer=offer.after_buffer)
    try:
        ledger.claim(booking.pk, BusyKind.BOOKING, booking.people, [taken], now=now)
    except ledger.TimeTaken as error:
        raise SlotTaken from error
