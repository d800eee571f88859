"""What everybody may see of a person: their booking page, and the pages of their event types."""

from datetime import date, datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.models import User
from caledee.month_grid import month_grid
from caledee.periods import Period
from caledee.zones import day_bounds, local_time
from scheduling.availability import bookable_until
from scheduling.models import EventType
from scheduling.offers import EventTypeOffer, OfferClosed, Slot
from scheduling.views.booking_page import PageQuery, Times, respond
from scheduling.wording import say_duration


@require_safe
@login_not_required
def public_page(request: HttpRequest, handle: str) -> HttpResponseBase:
    organizer = get_object_or_404(User, handle=handle, is_active=True)
    event_types = [
        {"name": event_type.name, "duration": say_duration(event_type.duration), "slug": event_type.slug}
        for event_type in EventType.objects.active().filter(organizer=organizer)
    ]
    return TemplateResponse(request, "public_page.html", {"organizer": organizer, "event_types": event_types})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def event_type_page(request: HttpRequest, handle: str, slug: str) -> HttpResponseBase:
    event_type = get_object_or_404(
        EventType.objects.active().select_related("organizer__schedule"),
        organizer__handle=handle,
        organizer__is_active=True,
        slug=slug,
    )
    now = timezone.now()
    offer = EventTypeOffer(event_type)
    try:
        return respond(request, offer, lambda query: _find_times(offer, query, now), now=now)
    except OfferClosed as error:
        raise Http404 from error


def _find_times(offer: EventTypeOffer, query: PageQuery, now: datetime) -> Times:
    """The month and the slots of one day in the viewer's zone: the day asked for, else the first that has any."""
    today = local_time(now, query.zone).date()
    schedule = getattr(offer.organizer, "schedule", None)
    horizon = bookable_until(offer.event_type, schedule.zone if schedule else offer.organizer.zone, now=now)
    last_day = local_time(horizon - timedelta(microseconds=1), query.zone).date()
    shown = _within(query.day or query.month or today, today, last_day)
    by_day = _slots_by_day(offer, shown, query, now)
    while not (by_day or query.month or query.day) and (later := _next_month(shown)) <= last_day:
        shown = later
        by_day = _slots_by_day(offer, shown, query, now)
    day = query.day or min(by_day, default=None)
    grid = month_grid(
        shown,
        field="date",
        today=today,
        is_open=lambda each: each in by_day,
        picked=[day] if day in by_day else [],
        earliest=today,
        latest=last_day,
    )
    return Times(slots=by_day.get(day, []) if day else [], grid=grid, day=day)


def _slots_by_day(offer: EventTypeOffer, month: date, query: PageQuery, now: datetime) -> dict[date, list[Slot]]:
    first, after = month.replace(day=1), _next_month(month)
    window = Period(day_bounds(first, query.zone)[0], day_bounds(after, query.zone)[0])
    by_day: dict[date, list[Slot]] = {}
    for slot in offer.open_slots(window, now=now):
        by_day.setdefault(local_time(slot.period.start, query.zone).date(), []).append(slot)
    return by_day


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _within(day: date, first: date, last: date) -> date:
    return min(max(day, first), last)
