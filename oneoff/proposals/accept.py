"""Accept a suggested time: book the meeting at it, or move the meeting to it."""

from datetime import datetime

from django.db import transaction

from caledee.accounts.models import User
from oneoff import links
from oneoff.creator.create import TimesTaken, only_ours
from oneoff.models import Answer, CounterProposal, CounterTime, OneOffMeeting, ProposedTime, SingleUseLink
from oneoff.offer import MoveOffer, OwnOffer, slot_for
from oneoff.proposals.propose import AlreadyAnswered, answer_proposal, lock_proposal, settle_rest
from scheduling.availability import ledger
from scheduling.availability.taken import conflicts_with
from scheduling.bookings.book import book, reschedule
from scheduling.bookings.events import Accepted
from scheduling.bookings.offers import Invitee, Slot, SlotTaken
from scheduling.events import record
from scheduling.models import Booking


def accept(time: CounterTime, *, by: User, now: datetime) -> Booking:
    """Book the meeting at this time and close its link, or move its booking to this time, in one transaction.

    The time is added to the proposed ones, because accepting offers it, whatever calendars elsewhere say. Locks
    everyone whose time it takes, then the link and the proposal. Accepting a time twice returns the same booking.
    Raises AlreadyAnswered, TimesTaken with the conflicts, SlotTaken if the time is in the past, and LinkClosed or
    BookingOver if its meeting is over.
    """
    one_off = time.proposal.one_off
    with transaction.atomic():
        ledger.lock_organizers(one_off.people)
        link = links.lock_link(one_off)
        if link is None:
            raise links.LinkClosed
        proposal = lock_proposal(time.proposal)
        if proposal.answered_at is not None:
            return _booked_by_it(proposal, time, link)
        overrules = _check_time(time, proposal, link.one_off, now)
        proposed, _ = ProposedTime.objects.get_or_create(
            one_off=link.one_off, start=time.start, defaults={"end": time.end}
        )
        if overrules and not proposed.offered_anyway:
            proposed.offered_anyway = True
            proposed.save(update_fields=["offered_anyway"])
        OneOffMeeting.objects.filter(pk=link.one_off_id, last_end__lt=time.end).update(last_end=time.end)
        answer_proposal(proposal, Answer.ACCEPTED, now=now)
        booking = _take(slot_for(proposed), proposal, link, by, now)
        settle_rest(link.one_off, proposal.invitee_email, now=now)
        record(Accepted(booking, by), now=now)
    return booking


def _booked_by_it(proposal: CounterProposal, time: CounterTime, link: SingleUseLink) -> Booking:
    """Return the booking if this time was already accepted, by a double click or by another admin."""
    booking = link.booking
    if proposal.answer == Answer.ACCEPTED and booking and not booking.is_cancelled and booking.period == time.period:
        return booking
    raise AlreadyAnswered(proposal)


def _check_time(time: CounterTime, proposal: CounterProposal, one_off: OneOffMeeting, now: datetime) -> bool:
    """Return whether accepting the time overrules a connected calendar. Raises SlotTaken or TimesTaken."""
    if time.start <= now:
        raise SlotTaken
    claim = proposal.booking.pk if proposal.booking else one_off.pk
    conflicts = conflicts_with(one_off.people, [time.period], now=now, except_claim=claim)
    if ours := only_ours(conflicts):
        raise TimesTaken(ours)
    return bool(conflicts)


def _take(slot: Slot, proposal: CounterProposal, link: SingleUseLink, by: User, now: datetime) -> Booking:
    if proposal.booking is not None:
        offer = MoveOffer(link, moved=proposal.booking)
        return reschedule(proposal.booking, offer, slot, by=by, now=now)
    return book(OwnOffer(link), slot, _invitee(proposal), by=by, now=now)


def _invitee(proposal: CounterProposal) -> Invitee:
    return Invitee(
        name=proposal.invitee_name,
        email=proposal.invitee_email,
        time_zone=proposal.invitee_time_zone,
        location=proposal.location,
        notes=proposal.note,
        clock=proposal.invitee_clock,
    )
