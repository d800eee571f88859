"""Suggest other times, with the link or after booking through it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.handles.former import at_present_handle
from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull
from caledee.limits.rates import proposal_for
from caledee.timekeeping.reader import present_clock
from caledee.timekeeping.wording import say_names
from caledee.web.browsers import zone_of_browser
from caledee.web.http import retry_after, token_page
from caledee.web.origins import public_form
from oneoff.links import LinkClosed, find_link_of
from oneoff.models import OneOffMeeting
from oneoff.offer import OneOffOffer
from oneoff.proposals.forms import ProposeForm, ProposeMoveForm
from oneoff.proposals.propose import TooManyProposals, propose
from oneoff.views.page import find_link_or_404, show_closed
from scheduling.bookings.book import BookingOver
from scheduling.forms.bookings import PageQueryForm
from scheduling.models import Booking
from scheduling.views.bookings import booking_facts
from scheduling.views.reschedule import BEGUN

TOO_MANY = "You can't send {} more times for this meeting now. Nothing was sent."
NOT_SENT = "Nothing was sent, and your details are still here; send them again in {}."


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
@at_present_handle
def propose_times(request: HttpRequest, handle: str, token: str) -> HttpResponseBase:
    """Suggest times before anyone has booked. Other suggestions aren't shown, because others may have the link too."""
    link, now = find_link_or_404(handle, token), timezone.now()
    if not OneOffOffer(link).is_alive(now=now):
        return show_closed(request, link)
    one_off = link.one_off
    make = partial(ProposeForm, one_off=one_off, now=now)
    if request.method != "POST":
        query = PageQueryForm(request.GET.dict(), default_zone=zone_of_browser(request) or one_off.organizer.zone)
        initial = {
            "time_zone": query.zone.key,
            "name": one_off.invitee_name,
        }
        return _page(request, make(initial=initial), one_off, back=link.get_absolute_url())
    form = make(request.POST)
    wait = seconds_to_wait(*proposal_for(request, one_off.pk), now=now)
    if wait or not form.is_valid():
        return _show_again(request, form, one_off, back=link.get_absolute_url(), wait=wait)
    try:
        propose(link, form.wish(), now=now)
    except LinkClosed:
        return show_closed(request, find_link_or_404(handle, token))
    except (TooManyProposals, MailboxFull) as reason:
        return _refusal(request, form, one_off, reason, back=link.get_absolute_url())
    # The address says that it was sent, because a message in a cookie wouldn't reach people who block cookies.
    return redirect(f"{link.get_absolute_url()}?sent=yes")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def propose_move(request: HttpRequest, token: str) -> HttpResponseBase:
    """Suggest times for a booked meeting, which isn't moved until the organizer accepts one."""
    link, now = find_link_of(token), timezone.now()
    if link is None or link.booking is None:
        raise Http404
    booking, one_off = link.booking, link.one_off
    if booking.is_cancelled:
        return redirect(booking)
    back = booking.get_absolute_url()
    if booking.start <= now:
        return _begun(request, one_off, booking, status=409 if request.method == "POST" else 200)
    form = ProposeMoveForm(
        request.POST if request.method == "POST" else None, one_off=one_off, now=now, booking=booking
    )
    if request.method != "POST":
        return _page(request, form, one_off, back=back, booking=booking)
    wait = seconds_to_wait(*proposal_for(request, one_off.pk), now=now)
    if wait or not form.is_valid():
        return _show_again(request, form, one_off, back=back, booking=booking, wait=wait)
    try:
        propose(link, form.wish(), booking=booking, now=now)
    except (LinkClosed, BookingOver):
        # Cancelled or started in the meantime. The page says which.
        return redirect(request.path)
    except (TooManyProposals, MailboxFull) as reason:
        return _refusal(request, form, one_off, reason, back=back, booking=booking)
    return redirect(f"{back}?sent=yes")


def _show_again(
    request: HttpRequest,
    form: ProposeForm,
    one_off: OneOffMeeting,
    *,
    back: str,
    booking: Booking | None = None,
    wait: int,
) -> HttpResponseBase:
    """Show what was typed again, to be corrected, or sent later if there were too many attempts."""
    if not wait:
        return _page(request, form, one_off, back=back, booking=booking, status=422)
    problem = LimitReached(wait).say(NOT_SENT)
    return retry_after(_page(request, form, one_off, back=back, booking=booking, problem=problem), wait)


def _refusal(
    request: HttpRequest,
    form: ProposeForm,
    one_off: OneOffMeeting,
    reason: TooManyProposals | MailboxFull,
    *,
    back: str,
    booking: Booking | None = None,
) -> HttpResponseBase:
    if isinstance(reason, MailboxFull):
        problem = reason.say(NOT_SENT)
        return retry_after(_page(request, form, one_off, back=back, booking=booking, problem=problem), reason.wait)
    problem = TOO_MANY.format(one_off.organizer.name)
    return _page(request, form, one_off, back=back, booking=booking, problem=problem, status=409)


def _begun(request: HttpRequest, one_off: OneOffMeeting, booking: Booking, *, status: int) -> HttpResponseBase:
    back = booking.get_absolute_url()
    return _page(request, None, one_off, back=back, booking=booking, problem=BEGUN, status=status)


def _page(
    request: HttpRequest,
    form: ProposeForm | None,
    one_off: OneOffMeeting,
    *,
    back: str,
    booking: Booking | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    facts: Mapping[str, Any] = booking_facts(booking) if booking else {}
    context = {
        **facts,
        "form": form,
        "offered": one_off,
        "hosts": say_names(person.name for person in one_off.people),
        "back": back,
        "problem": problem,
        "clock": present_clock(),
    }
    return TemplateResponse(request, "oneoff/propose.html", context, status=status)
