"""The booking of a one-off meeting, at the addresses that every booking has.

These answer before those of scheduling, which knows no one-offs, and hand on what was booked on something else.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_when
from caledee.web.http import token_page
from caledee.web.origins import public_form
from oneoff.links import find_link_of
from oneoff.models import Answer, CounterProposal, SingleUseLink
from oneoff.offer import MoveOffer
from oneoff.permissions import find_link_of_meeting
from scheduling.models import Booking
from scheduling.views import bookings, no_show, reschedule
from scheduling.views.bookings import Asked, Ways, show_booking
from scheduling.views.choice import Times
from scheduling.views.reschedule import Move

SENT = "Sent. {} gets your times by email and answers you by email. Your meeting stays as it is until then."
WAITING = "Not answered yet."
TOO_LATE = "Not answered."


@require_safe
@login_not_required
@token_page
def booking(request: HttpRequest, token: str) -> HttpResponseBase:
    link, now = find_link_of(token), timezone.now()
    if link is None or link.booking is None:
        return bookings.booking(request, token)
    ways = _ways(link, link.booking, now, has_just_sent="sent" in request.GET)
    return show_booking(request, link.booking, ways, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def reschedule_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    """The other proposed times that are free at this moment: none of them is held any more."""
    link, now = find_link_of(token), timezone.now()
    if link is None or link.booking is None:
        return reschedule.reschedule_booking(request, token)
    offer = MoveOffer(link, moved=link.booking)
    propose = reverse("oneoff:propose_move", args=[token])
    move = Move(link.booking, offer, now, lambda _query: Times(offer.open_slots(now=now)), propose_address=propose)
    return reschedule.respond(request, move)


@require_POST
def meeting_no_show(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Of a one-off's booking, by whoever may manage the one-off."""
    user = signed_in_user(request)
    link = find_link_of_meeting(user, key)
    if link is None or link.booking is None:
        return no_show.meeting_no_show(request, key)
    from_one_off = link.booking.organizer != user or request.POST.get("back") == "one-off"
    back = link.one_off if from_one_off else no_show.meetings_of(link.booking, now=timezone.now())
    return no_show.respond(request, link.booking, back=redirect(back))


def _ways(link: SingleUseLink, found: Booking, now: datetime, *, has_just_sent: bool) -> Ways:
    if found.is_cancelled or found.start <= now:
        return Ways()
    has_others = bool(MoveOffer(link, moved=found).open_slots(now=now))
    proposals = CounterProposal.objects.filter(booking=found).prefetch_related("times")
    return Ways(
        sent=SENT.format(found.organizer.name) if has_just_sent else "",
        change=reverse("scheduling:booking_reschedule", args=[found.token]) if has_others else "",
        propose=reverse("oneoff:propose_move", args=[found.token]),
        asked=[_asked(proposal, found) for proposal in proposals if proposal.answer != Answer.ACCEPTED],
    )


def _asked(proposal: CounterProposal, found: Booking) -> Asked:
    state = f"{found.organizer.name} declined." if proposal.answer == Answer.DECLINED else TOO_LATE
    return Asked(
        times=[say_when(time.period, found.invitee_zone) for time in proposal.times.all()],
        state=state if proposal.answer else WAITING,
        word=proposal.answer_note,
    )
