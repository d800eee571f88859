"""The page of a one-off meeting, as its invitee sees it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from caledee.accounts.handles.former import at_present_handle
from caledee.web.http import token_page
from caledee.web.origins import public_form
from oneoff.links import find_link, note_opening, why_closed
from oneoff.models import SingleUseLink
from oneoff.offer import OneOffOffer
from scheduling.bookings.offers import OfferClosed
from scheduling.sources import PageExtras
from scheduling.views.booking_page import BookingPage
from scheduling.views.bookings import remembered_bookings

SENT = "Sent. {} gets your times by email and answers you by email. Nothing is booked or held until then."


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
@at_present_handle
def page(request: HttpRequest, handle: str, token: str) -> HttpResponseBase:
    link = find_link_or_404(handle, token)
    extras = _extras(link, has_just_sent="sent" in request.GET)
    try:
        return BookingPage(request, OneOffOffer(link), extras, now=timezone.now()).respond()
    except OfferClosed:
        # Read again, because it may have been booked a moment ago.
        return show_closed(request, find_link_or_404(handle, token))


@require_POST
@login_not_required
@public_form
@token_page
@at_present_handle
def opened(request: HttpRequest, handle: str, token: str) -> HttpResponseBase:
    """Record that a browser displayed the page. Email scanners only fetch it, and send nothing here."""
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


def show_closed(request: HttpRequest, link: SingleUseLink) -> HttpResponseBase:
    """Say only that the link is closed, and link to the booking if this browser made it."""
    booking = link.booking
    mine = booking is not None and booking.forgotten_at is None and booking.token in remembered_bookings(request)
    context = {
        "reason": why_closed(link),
        "organizer": link.one_off.organizer,
        "booking": booking if mine else None,
    }
    return TemplateResponse(request, "oneoff/closed.html", context, status=410)


def _extras(link: SingleUseLink, *, has_just_sent: bool) -> PageExtras:
    one_off = link.one_off
    arguments = [one_off.organizer.handle, link.token]
    return PageExtras(
        notice=SENT.format(one_off.organizer.name) if has_just_sent else "",
        valid_until=one_off.valid_until,
        propose_address=reverse("oneoff:propose", args=arguments),
        opened_address=reverse("oneoff:opened", args=arguments),
    )
