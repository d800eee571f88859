"""What everybody may see of a person: their booking page, and the pages of their event types."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
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
        {
            "name": event_type.name,
            "duration": say_duration(event_type.duration),
            "address": reverse("scheduling:event_type_page", args=[organizer.handle, event_type.slug]),
        }
        for event_type in EventType.objects.active().owned_by(organizer)
    ]
    return TemplateResponse(request, "public_page.html", {"organizer": organizer, "event_types": event_types})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def event_type_page(request: HttpRequest, handle: str, slug: str) -> HttpResponseBase:
    now = timezone.now()
    offer = EventTypeOffer(_find_event_type(handle, slug))
    try:
        return respond(request, offer, lambda query: _find_times(offer, query, now), now=now)
    except OfferClosed as error:
        raise Http404 from error


def _find_event_type(handle: str, slug: str) -> EventType:
    """With the organizer's whole schedule, so that finding slots asks for nothing but busy time."""
    schedule = "organizer__schedule"
    return get_object_or_404(
        EventType.objects.active()
        .select_related(schedule)
        .prefetch_related(f"{schedule}__weekly_hours", f"{schedule}__date_overrides"),
        organizer__handle=handle,
        organizer__is_active=True,
        slug=slug,
    )


def _find_times(offer: EventTypeOffer, query: PageQuery, now: datetime) -> Times:
    """The month asked for, and the slots of one day in the viewer's zone: the day asked for, else the first with any.

    Where nothing in particular was asked for, or a later day will do, it is the first day that has slots, in whatever
    month.
    """
    window = Period(now, _horizon(offer, now))
    today, last_day = local_time(window.start, query.zone).date(), local_time(window.end, query.zone).date()
    shown = min(max(query.day or query.month or today, today), last_day)
    by_day = _slots_by_day(offer, _month(shown, query.zone), query, now)
    day = query.day or min(by_day, default=None)
    other_day = None if day in by_day else _nearest_day(_slots_by_day(offer, window, query, now), shown)
    if other_day is not None and (query.or_later or not (query.day or query.month)):
        shown, day, other_day = other_day, other_day, None
        by_day = _slots_by_day(offer, _month(shown, query.zone), query, now)
    grid = month_grid(
        shown,
        field="date",
        today=today,
        is_open=lambda each: each in by_day,
        picked=[day] if day in by_day else [],
        earliest=today,
        latest=last_day,
    )
    return Times(slots=by_day.get(day, []) if day else [], grid=grid, day=day, other_day=other_day)


def _horizon(offer: EventTypeOffer, now: datetime) -> datetime:
    """The last moment at which the event type can be booked."""
    schedule = getattr(offer.organizer, "schedule", None)
    zone = schedule.zone if schedule else offer.organizer.zone
    return bookable_until(offer.event_type, zone, now=now) - timedelta.resolution


def _month(day: date, zone: ZoneInfo) -> Period:
    """The month that `day` falls in, on the viewer's clock."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Period(day_bounds(first, zone)[0], day_bounds(after, zone)[0])


def _slots_by_day(offer: EventTypeOffer, window: Period, query: PageQuery, now: datetime) -> dict[date, list[Slot]]:
    by_day: dict[date, list[Slot]] = {}
    for slot in offer.open_slots(window, now=now):
        by_day.setdefault(local_time(slot.period.start, query.zone).date(), []).append(slot)
    return by_day


def _nearest_day(days: Collection[date], wanted: date) -> date | None:
    """The first of `days`, which are in order, that is not before `wanted`; else the last."""
    return next((day for day in days if day >= wanted), max(days, default=None))
