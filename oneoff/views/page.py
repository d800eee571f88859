"""A one-off meeting as its invitee sees it, on its organizer's booking page."""

from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from caledee.accounts.handles.former import at_present_handle
from caledee.timekeeping.wording import say_moment
from caledee.web.http import token_page
from caledee.web.origins import public_form
from oneoff.links import LinkClosed, find_link, note_opening, why_closed
from oneoff.models import SingleUseLink
from oneoff.offer import OneOffOffer
from scheduling.views.booking_page import Times, respond
from scheduling.views.bookings import remembered_bookings

SENT = "Sent. {} gets your times by email and answers you by email. Nothing is booked or held until then."


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
@at_present_handle
def page(request: HttpRequest, handle: str, token: str) -> HttpResponseBase:
    link = find_link_or_404(handle, token)
    now = timezone.now()
    offer = OneOffOffer(link)
    if request.method != "POST" and not offer.is_alive(now=now):
        return show_closed(request, link)
    try:
        response = respond(request, offer, lambda _query: Times(offer.open_slots(now=now)), now=now)
    except LinkClosed:
        return show_closed(request, find_link_or_404(handle, token))
    # A form with mistakes in it is not worth mending once nothing is left to book.
    mistaken = request.method == "POST" and response.status_code != 302
    if mistaken and not offer.is_alive(now=now):
        return show_closed(request, link)
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        response.context_data |= _particulars(request, link, ZoneInfo(response.context_data["zone"]))
    return response


@require_POST
@login_not_required
@public_form
@token_page
@at_present_handle
def opened(request: HttpRequest, handle: str, token: str) -> HttpResponseBase:
    """The page says that a browser showed it; mail scanners that only fetch it never do."""
    link = find_link_or_404(handle, token)
    ours = {link.one_off.created_by_id, *(person.pk for person in link.one_off.people)}
    if request.user.pk not in ours:
        note_opening(link, now=timezone.now())
    return HttpResponse(status=204)


def find_link_or_404(handle: str, token: str) -> SingleUseLink:
    link = find_link(handle, token)
    if link is None:
        raise Http404
    return link


def _particulars(request: HttpRequest, link: SingleUseLink, zone: ZoneInfo) -> dict[str, object]:
    """What the page of a one-off has besides: until when the link is valid, and where to ask for other times.

    Who has just asked comes back with `?sent=yes`.
    """
    valid_until = link.one_off.valid_until
    return {
        "sent": SENT.format(link.one_off.organizer.name) if "sent" in request.GET else "",
        "valid_until": say_moment(valid_until, zone) if valid_until else "",
        "propose_address": reverse("oneoff:propose", args=[link.one_off.organizer.handle, link.token]),
    }


def show_closed(request: HttpRequest, link: SingleUseLink) -> HttpResponseBase:
    """Tells a stranger that it is over and nothing else; the browser that booked finds its booking again."""
    booking = link.booking
    mine = booking is not None and booking.forgotten_at is None and booking.token in remembered_bookings(request)
    context = {
        "reason": why_closed(link),
        "organizer": link.one_off.organizer,
        "booking": booking if mine else None,
    }
    return TemplateResponse(request, "oneoff/closed.html", context, status=410)
