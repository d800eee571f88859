"""Booking, moving and cancelling: lock, check again, claim, write, and say so. Each is one transaction, whole or none.

Mails are queued inside the transaction: the queue lies in the same database, so a job commits or vanishes with the
booking it tells of, and no worker sees it before.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, prefetch_related_objects

from caledee.accounts.models import User
from scheduling import tasks
from scheduling.availability import ledger
from scheduling.bookings.activity import Facts, note_activity, period_as_fact, periods_as_facts
from scheduling.bookings.offers import Invitee, Offer, Slot, SlotTaken
from scheduling.models import ActivityKind, Booking, BusyKind, Canceller

REPEAT_WINDOW = timedelta(hours=1)


class BookingOver(Exception):
    """The meeting has begun, or is cancelled: it cannot be cancelled or moved any more."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What proves that a submission comes from the form or the browser that made a booking.

    What a person typed proves nothing: anyone who knows them can type the same.
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
    """Make the booking, take its time from everybody else, and queue the mails.

    Locks everybody whose time it may take, then what the offer stands on (for a one-off meeting its link). The same
    submission from the same form or browser, sent again within REPEAT_WINDOW, is answered with the booking it made.
    `by` is who of the organizer's side does it, where it is not the invitee. Raises OfferClosed (for a one-off
    LinkClosed), SlotTaken, InviteeLimitReached or MailboxFull; nothing is changed then.
    """
    with transaction.atomic():
        ledger.lock_organizers(offer.people)
        if earlier := _booked_before(offer, slot, invitee, sender, now):
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
        # Of a new booking without any it is known that it has none.
        known = User.objects.all() if cohosts else User.objects.none()
        prefetch_related_objects([booking], Prefetch("cohosts", queryset=known))
        _claim_time(offer, booking, now)
        _note(ActivityKind.BOOKED, booking, booking.invitee_name, now)
        tasks.announce_booking(booking, by_invitee=by is None)
    return booking


def reschedule(booking: Booking, offer: Offer, slot: Slot, *, by: User | None = None, now: datetime) -> Booking:
    """Move the booking to another slot of what it was booked on: free its time, take the other, queue the mails.

    `offer` is what can be had instead, in which the booking is not in its own way. `by` is who of ours did it, where
    it was not the invitee. It stays the same booking, for calendars too: UID is kept, SEQUENCE rises (RFC 5545,
    section 3.8.7.4). Locks the organizer and the cohosts, then the booking, then what the offer stands on. Moving it
    to where it is changes nothing. Raises BookingOver; OfferClosed where the offer is paused or gone; SlotTaken;
    MailboxFull.
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
        before = period_as_fact(booking.period)
        booking.start, booking.end = slot.period.start, slot.period.end
        booking.sequence += 1
        booking.updated_at = now
        booking.save(update_fields=["start", "end", "sequence", "updated_at"])
        ledger.release(booking.pk)
        _claim_time(offer, booking, now)
        _note(ActivityKind.CHANGED, booking, by or booking.invitee_name, now, {"moved_from": before})
        tasks.announce_booking(booking, by_invitee=by is None)
    return booking


def cancel(booking: Booking, *, by: Canceller, reason: str = "", actor: User | None = None, now: datetime) -> Booking:
    """Cancel, free the time, queue the mails. A link that the booking closed stays closed.

    `by` is the side that is told to have done it; `actor` who it was of ours, where not the organizer. Locks the
    organizer and the cohosts, then the booking. Cancelling what is cancelled changes nothing. Raises
    BookingOver for a meeting that has begun.
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
        who = booking.invitee_name if by == Canceller.INVITEE else actor or booking.organizer
        _note(ActivityKind.CANCELLED, booking, who, now)
        tasks.announce_cancellation(booking)
    return booking


def _lock(booking: Booking) -> Booking:
    """The organizer and the cohosts first, then the booking, read again."""
    ledger.lock_organizers(booking.people)
    rows = Booking.objects.select_for_update(no_key=True, of=["self"]).select_related("organizer", "event_type")
    return rows.prefetch_related("cohosts").get(pk=booking.pk)


def _booked_before(offer: Offer, slot: Slot, invitee: Invitee, sender: Sender, now: datetime) -> Booking | None:
    """The booking that this very submission made a moment ago: a double click, a reload, a lost answer.

    The sender must be proven, because the answer opens the booking to them. All that was typed must be the same too:
    a form that was changed and sent again asks for something else.
    """
    from_sender = Q(token__in=sender.tokens)
    if sender.nonce:
        from_sender |= Q(nonce=sender.nonce)
    made = offer.bookings().filter(
        from_sender,
        cancelled_at=None,
        created_at__gt=now - REPEAT_WINDOW,
        # With the start, an index finds these few.
        organizer__in=offer.people,
        start=slot.period.start,
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        location=invitee.location or offer.location,
        notes=invitee.notes,
    )
    return made.first()


def _booking_of(offer: Offer, organizer: User, slot: Slot, invitee: Invitee, sender: Sender, now: datetime) -> Booking:
    return Booking(
        organizer=organizer,
        name=offer.name,
        description=offer.description,
        start=slot.period.start,
        end=slot.period.end,
        location_kind=offer.location_kind,
        location=invitee.location or offer.location,
        invitee_name=invitee.name,
        invitee_email=invitee.email,
        invitee_time_zone=invitee.time_zone,
        invitee_clock=invitee.clock,
        notes=invitee.notes,
        nonce=sender.nonce,
        created_at=now,
        updated_at=now,
        # One random identity for life, which tells nothing of its maker (RFC 7986, section 5.3).
        uid=str(uuid.uuid4()),
    )


def _claim_time(offer: Offer, booking: Booking, now: datetime) -> None:
    taken = ledger.Claimed(booking.period, before_buffer=offer.before_buffer, after_buffer=offer.after_buffer)
    try:
        ledger.claim(booking.pk, BusyKind.BOOKING, booking.people, [taken], now=now)
    except ledger.TimeTaken as error:
        raise SlotTaken from error


def _note(kind: ActivityKind, booking: Booking, by: User | str, now: datetime, facts: Facts | None = None) -> None:
    note_activity(
        kind,
        subject=booking.pk,
        name=booking.name,
        organizer=booking.organizer,
        by=by,
        at=now,
        facts={"periods": periods_as_facts([booking.period]), **(facts or {})},
    )
