"""Moving a booking to another time of its event type.

What else can be booked has an address of its own that answers before this one, and uses `respond` as this does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull
from caledee.limits.rates import change_of
from caledee.timekeeping.wording import say_zone
from caledee.timekeeping.zones import local_time
from caledee.web.http import is_htmx, refuse_for, retry_after, say_wait, token_page
from caledee.web.origins import public_form
from scheduling.bookings.book import BookingOver, reschedule
from scheduling.bookings.offers import Offer, OfferClosed, Slot, SlotTaken
from scheduling.forms.bookings import PageQueryForm, RescheduleForm
from scheduling.models import Booking
from scheduling.pages.slots import chosen_slot
from scheduling.views.bookings import TOO_OFTEN, booking_facts, find_booking
from scheduling.views.choice import PageQuery, Times, address_of, at_plain_address, choice_of
from scheduling.views.event_type_times import event_type_times, find_offer_to_move
from scheduling.views.newcomers import count_newcomer

BEGUN = "This meeting has begun already. It can't be moved any more."
TAKEN = "That time has just been taken. Your meeting is still at its old time: choose another."
MAILBOX_FULL = (
    "Caledee has sent this address many emails recently. Your meeting is still at its old time: confirm again in {}."
)
NOT_OFFERED = "That time is not free. Choose another."


@dataclass(frozen=True, slots=True)
class Move:
    """A booking that is moved, and what it can be moved to: None where there is nothing to choose from any more.

    `find_times` finds what of it the page shows; `propose_address` is where other times can be asked for.
    """

    booking: Booking
    offer: Offer | None
    now: datetime
    find_times: Callable[[PageQuery], Times] = field(default=lambda _query: Times([]))
    propose_address: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def reschedule_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    return respond(request, _find_move(token))


def respond(request: HttpRequest, move: Move) -> HttpResponseBase:
    """Show what the booking can be moved to, or move it."""
    if move.booking.is_cancelled:
        return redirect(move.booking)
    if move.booking.start <= move.now or move.offer is None:
        return _page(request, move, {}, status=409 if request.method == "POST" else 200)
    if request.method == "POST":
        return _move(request, move, move.offer)
    form = _query_form(request, move)
    slot = move.offer.slot(form.slot_value)
    if slot is not None and move.offer.is_open(slot, now=move.now):
        return _page(request, move, _confirmation(move, slot, form))
    return _choice(request, move, move.offer, problem=NOT_OFFERED if form.slot_value else "")


def _find_move(token: str) -> Move:
    booking, now = find_booking(token), timezone.now()
    offer = find_offer_to_move(booking)
    if offer is None:
        return Move(booking, None, now)
    return Move(booking, offer, now, lambda query: event_type_times(offer, query, now))


def _move(request: HttpRequest, move: Move, offer: Offer) -> HttpResponseBase:
    form = RescheduleForm(request.POST)
    slot = offer.slot(form.cleaned_data["slot"]) if form.is_valid() else None
    if wait := seconds_to_wait(*change_of(request, move.booking.pk), now=move.now):
        return _refuse(request, move, slot, wait)
    if slot is None:
        was_offered = form.is_valid() and offer.could_be_slot(form.cleaned_data["slot"])
        status, problem = (409, TAKEN) if was_offered else (422, NOT_OFFERED)
        return _choice(request, move, offer, problem=problem, status=status)
    try:
        with transaction.atomic():
            count_newcomer(request, offer, move.booking.invitee_email, now=move.now)
            return redirect(reschedule(move.booking, offer, slot, now=move.now))
    except LimitReached as reached:
        problem = MAILBOX_FULL if isinstance(reached, MailboxFull) else TOO_OFTEN
        return _refuse(request, move, slot, reached.wait, problem=problem)
    except SlotTaken:
        return _choice(request, move, offer, taken=slot, problem=TAKEN, status=409)
    except (BookingOver, OfferClosed):
        # Begun, cancelled or paused a moment ago: the page says which.
        return redirect(request.path)


def _refuse(
    request: HttpRequest, move: Move, slot: Slot | None, wait: int, *, problem: str = TOO_OFTEN
) -> HttpResponseBase:
    """The time that was chosen, to confirm again, without asking what is free."""
    if slot is None:
        return refuse_for(request, wait)
    shown = _confirmation(move, slot, _query_form(request, move)) | {"problem": problem.format(say_wait(wait))}
    return retry_after(_page(request, move, shown), wait)


def _choice(
    request: HttpRequest,
    move: Move,
    offer: Offer,
    *,
    taken: Slot | None = None,
    problem: str,
    status: int = 200,
) -> HttpResponseBase:
    form = _query_form(request, move)
    query = PageQuery(form.zone, form.day, form.first_of_month)
    if taken is not None and offer.event_type is not None:
        query = PageQuery(form.zone, day=local_time(taken.period.start, form.zone).date(), or_later=True)
    shown = choice_of(offer, query, form, move.find_times(query), move.now)
    shown |= {"zone": query.zone.key, "zone_name": say_zone(query.zone), "problem": problem}
    return at_plain_address(request, form, _page(request, move, shown, status=status))


def _query_form(request: HttpRequest, move: Move) -> PageQueryForm:
    return PageQueryForm(request.GET.dict(), default_zone=move.booking.invitee_zone)


def _confirmation(move: Move, slot: Slot, form: PageQueryForm) -> dict[str, object]:
    chosen = chosen_slot(slot, form.zone, move.booking.organizer.zone)
    is_one_off = move.offer is None or move.offer.event_type is None
    day = None if is_one_off else local_time(slot.period.start, form.zone).date()
    return {
        "chosen": chosen,
        "way_back": address_of(date=day, time_zone=form.zone.key),
        "action": address_of(time_zone=form.zone.key),
        "announcement": f"{chosen.day}, {chosen.time}",
    }


def _page(request: HttpRequest, move: Move, shown: dict[str, object], *, status: int = 200) -> HttpResponseBase:
    has_begun = move.booking.start <= move.now
    context = booking_facts(move.booking) | {
        "offer": move.offer,
        "is_public": move.offer is None or move.offer.event_type is not None,
        "propose_address": move.propose_address,
        "problem": BEGUN if has_begun else "",
        "has_begun": has_begun,
    }
    template = "booking_reschedule.html#times" if is_htmx(request) else "booking_reschedule.html"
    return TemplateResponse(request, template, context | shown, status=status)
