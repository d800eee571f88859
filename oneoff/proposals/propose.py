"""Times that an invitee suggests, and the answers that need no booking."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from caledee.accounts.models import User
from caledee.limits.mailboxes import take_place
from caledee.locations import DETAIL_MAX_LENGTH
from caledee.timekeeping.periods import Period
from caledee.timekeeping.zones import is_zone_name
from oneoff import links
from oneoff.events import SuggestionDeclined, SuggestionSettled, TimesSuggested
from oneoff.models import Answer, CounterProposal, CounterTime, OneOffMeeting, SingleUseLink
from oneoff.rules import SUGGESTED_STARTS
from scheduling.availability import ledger
from scheduling.bookings.book import REPEAT_WINDOW, BookingOver
from scheduling.events import record
from scheduling.models import Booking
from scheduling.rules import Reason, Refusal, address_refusals, length_refusals, name_refusals, refuse_any

MOST_OPEN = 3
MOST_IN_ALL = 10
NOTE_MAX_LENGTH = 1000
YOUR_NAME_REQUIRED = "Enter your name."
UNKNOWN_ZONE = "Choose a time zone."


class TooManyProposals(Exception):
    """The meeting has MOST_OPEN open proposals, or MOST_IN_ALL in all, and can have no more."""


class AlreadyAnswered(Exception):
    """The proposal already has another answer. `proposal` says which."""

    def __init__(self, proposal: CounterProposal) -> None:
        super().__init__(proposal.get_answer_display())
        self.proposal = proposal


@dataclass(frozen=True, slots=True)
class Wish:
    """The times that an invitee suggests. `location` is for meetings that ask the invitee, before they are booked.

    `nonce` is that of the form. It identifies the form when it is sent again.
    """

    name: str
    email: str
    time_zone: str
    starts: Collection[datetime]
    note: str = ""
    location: str = ""
    clock: str = ""
    nonce: str = ""


def wish_refusals(wish: Wish, *, now: datetime) -> Iterator[Refusal]:
    yield from SUGGESTED_STARTS.refusals(wish.starts, now=now)
    yield from name_refusals("name", wish.name, YOUR_NAME_REQUIRED)
    yield from address_refusals("email", wish.email)
    if not is_zone_name(wish.time_zone):
        yield Refusal("time_zone", Reason.INVALID, UNKNOWN_ZONE)
    yield from length_refusals("location", wish.location, DETAIL_MAX_LENGTH)
    yield from length_refusals("note", wish.note, NOTE_MAX_LENGTH)


def propose(link: SingleUseLink, wish: Wish, *, booking: Booking | None = None, now: datetime) -> CounterProposal:
    """Suggest other times and notify the organizer side. Nothing is held.

    With `booking`, which must be the one that closed the link, the times are for moving it. The same wish from the
    same form, or for the same booking, returns the earlier proposal. Locks everyone whose time it may take, then the
    link. Reserves a place in the invitee's mailbox for the answer. Raises Refused, LinkClosed, BookingOver,
    TooManyProposals and MailboxFull.
    """
    refuse_any(wish_refusals(wish, now=now))
    with transaction.atomic():
        ledger.lock_organizers(link.one_off.people)
        locked = links.lock_again(link)
        if locked is None:
            raise links.LinkClosed
        one_off = locked.one_off
        if earlier := _proposed_before(one_off, wish, booking, now):
            return earlier
        _check_state(locked, booking, now)
        proposals = CounterProposal.objects.filter(one_off=one_off)
        if proposals.open(now).count() >= MOST_OPEN or proposals.count() >= MOST_IN_ALL:
            raise TooManyProposals
        take_place(wish.email, now=now)
        proposal = _insert(one_off, wish, booking, now)
        record(TimesSuggested(proposal), now=now)
    return proposal


def decline(proposal: CounterProposal, message: str, *, by: User, now: datetime) -> CounterProposal:
    """Decline the suggested times with a message to the invitee. Locks the proposal. Declining twice changes nothing.

    Raises AlreadyAnswered if a time was accepted, or the meeting was booked at another time.
    """
    with transaction.atomic():
        proposal = lock_proposal(proposal)
        if proposal.answer == Answer.DECLINED:
            return proposal
        if proposal.answered_at is not None:
            raise AlreadyAnswered(proposal)
        answer_proposal(proposal, Answer.DECLINED, now=now, message=message)
        record(SuggestionDeclined(proposal, by=by), now=now)
    return proposal


def settle_rest(one_off: OneOffMeeting, invitee_email: str, *, now: datetime) -> None:
    """Answer the suggestions that still wait, in the transaction in which the meeting is booked or moved."""
    for proposal in CounterProposal.objects.select_for_update(no_key=True).filter(one_off=one_off).unanswered():
        answer_proposal(proposal, Answer.OTHERWISE, now=now)
        record(SuggestionSettled(proposal, booked_by=invitee_email), now=now)


def lock_proposal(proposal: CounterProposal) -> CounterProposal:
    """Read the proposal again and lock it until the transaction ends. Raises LinkClosed if its meeting was deleted."""
    rows = CounterProposal.objects.select_for_update(no_key=True, of=["self"])
    locked = rows.select_related("one_off__organizer", "booking").filter(pk=proposal.pk).first()
    if locked is None:
        raise links.LinkClosed
    return locked


def answer_proposal(proposal: CounterProposal, answer: Answer, *, now: datetime, message: str = "") -> None:
    """Write the answer to a locked proposal."""
    proposal.answer, proposal.answer_note, proposal.answered_at = answer, message, now
    proposal.save(update_fields=["answer", "answer_note", "answered_at"])


def _proposed_before(
    one_off: OneOffMeeting, wish: Wish, booking: Booking | None, now: datetime
) -> CounterProposal | None:
    """Return the proposal that the same submission made, after a double click or a reload. All fields have to match.

    Only the invitee who booked knows the address of the booking. Other people with the link are told apart by the
    nonce of their form.
    """
    if booking is None and not wish.nonce:
        return None
    same = CounterProposal.objects.filter(
        Q(answered_at=None) | Q(created_at__gt=now - REPEAT_WINDOW),
        one_off=one_off,
        booking=booking,
        nonce=wish.nonce,
        invitee_name=wish.name,
        invitee_email=wish.email,
        invitee_time_zone=wish.time_zone,
        location=wish.location,
        note=wish.note,
    )
    starts = sorted(wish.starts)
    found = same.prefetch_related("times")
    return next((each for each in found if [time.start for time in each.times.all()] == starts), None)


def _check_state(link: SingleUseLink, booking: Booking | None, now: datetime) -> None:
    if booking is None:
        if not link.is_open(now):
            raise links.LinkClosed
    elif link.booking != booking or link.booking.is_cancelled or link.booking.start <= now:
        raise BookingOver


def _insert(one_off: OneOffMeeting, wish: Wish, booking: Booking | None, now: datetime) -> CounterProposal:
    proposal = CounterProposal.objects.create(
        one_off=one_off,
        booking=booking,
        invitee_name=wish.name,
        invitee_email=wish.email,
        invitee_time_zone=wish.time_zone,
        invitee_clock=wish.clock,
        location=wish.location,
        note=wish.note,
        nonce=wish.nonce,
        created_at=now,
    )
    duration: timedelta = booking.duration if booking else one_off.duration
    periods = [Period.lasting(start, duration) for start in sorted(wish.starts)]
    CounterTime.objects.bulk_create(
        [CounterTime(proposal=proposal, start=period.start, end=period.end) for period in periods]
    )
    return proposal
