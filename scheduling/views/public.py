"""What everybody may see of a person: their booking page, and the pages of their event types."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.models import User
from scheduling.models import EventType
from scheduling.offers import EventTypeOffer, OfferClosed
from scheduling.views.booking_page import respond
from scheduling.views.event_type_times import bookable_event_types, event_type_times
from scheduling.wording import say_duration


@require_safe
@login_not_required
def public_page(request: HttpRequest, handle: str) -> HttpResponseBase:
    organizer = get_object_or_404(User, handle=handle, is_active=True)
    event_types = [
        {
            "name": event_type.name,
            "duration": say_duration(event_type.duration),
            "address": reverse("scheduling:event_type_page", args=[organizer.handle, event_type.slug]),
        }
        for event_type in EventType.objects.bookable().of(organizer)
    ]
    return TemplateResponse(request, "public_page.html", {"organizer": organizer, "event_types": event_types})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def event_type_page(request: HttpRequest, handle: str, slug: str) -> HttpResponseBase:
    now = timezone.now()
    offer = EventTypeOffer(get_object_or_404(bookable_event_types(), organizer__handle=handle, slug=slug))
    try:
        return respond(request, offer, lambda query: event_type_times(offer, query, now), now=now)
    except OfferClosed as error:
        raise Http404 from error
