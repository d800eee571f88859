"""The public pages: the booking page of a person or an organization, and the pages of their event types."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.handles.former import at_present_handle
from caledee.accounts.models import Organization, User
from caledee.timekeeping.wording import say_duration
from caledee.web.origins import public_form
from scheduling.availability.hosts import hosts_by_event_type, say_hosts
from scheduling.bookings.finding import find_offer
from scheduling.bookings.offers import OfferClosed
from scheduling.bookings.team_offers import team_event_types
from scheduling.models import EventType
from scheduling.sources import NO_EXTRAS
from scheduling.views.booking_page import BookingPage


@require_safe
@login_not_required
@at_present_handle
def public_page(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Show the page of a person or an organization. They share one name space."""
    organizer = User.objects.filter(handle=handle, is_active=True).first()
    if organizer is None:
        return _organization_page(request, get_object_or_404(Organization, handle=handle))
    event_types = [
        {
            "name": event_type.name,
            "duration": say_duration(event_type.duration),
            "address": reverse("scheduling:event_type_page", args=[organizer.handle, event_type.slug]),
        }
        for event_type in EventType.objects.bookable().of(organizer)
    ]
    return TemplateResponse(request, "public/page.html", {"owner": organizer, "event_types": event_types})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@never_cache
@at_present_handle
def event_type_page(request: HttpRequest, handle: str, slug: str) -> HttpResponseBase:
    offer = find_offer(handle, slug)
    if offer is None:
        raise Http404
    try:
        return BookingPage(request, offer, NO_EXTRAS, now=timezone.now()).respond()
    except OfferClosed as error:
        raise Http404 from error


def _organization_page(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    found = list(team_event_types().filter(organization=organization))
    hosts = hosts_by_event_type(found)
    event_types = [
        {
            "name": event_type.name,
            "duration": say_duration(event_type.duration),
            "who": say_hosts(event_type, hosts[event_type.pk]),
            "address": event_type.get_absolute_url(),
        }
        for event_type in found
        if event_type.pk in hosts
    ]
    return TemplateResponse(request, "public/page.html", {"owner": organization, "event_types": event_types})
