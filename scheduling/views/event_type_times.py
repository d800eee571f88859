"""What can be booked of an event type, as its page shows it: a month, and the slots of one of its days."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from caledee.timekeeping.periods import Period
from caledee.timekeeping.reader import present_week_start
from caledee.timekeeping.zones import day_bounds, local_time
from caledee.web.month_grid import month_grid
from scheduling.bookings.offers import EventTypeOffer, OfferClosed
from scheduling.bookings.team_offers import offer_to_move, team_event_types, team_offer
from scheduling.models import Booking, EventType
from scheduling.views.choice import PageQuery, Times

SCHEDULE = "organizer__schedule"


def find_offer(handle: str, slug: str) -> EventTypeOffer | None:
    """What can be booked at this address of a person's page, or of an organization's: they share their names."""
    own = _with_schedules().filter(organizer__handle=handle, slug=slug).first()
    if own is not None and own.has_room():
        return EventTypeOffer(own)
    of_team = team_event_types().filter(organization__handle=handle, slug=slug).first()
    try:
        return team_offer(of_team) if of_team else None
    except OfferClosed:
        return None


def find_offer_to_move(booking: Booking) -> EventTypeOffer | None:
    """Where the booking can be moved; None where it can't: a one-off's, or one whose event type is off or gone."""
    own = _with_schedules().filter(bookings=booking).first()
    bookable = own if own is not None and own.has_room() else None
    event_type = bookable or team_event_types().filter(bookings=booking).first()
    try:
        return offer_to_move(booking, event_type) if event_type else None
    except OfferClosed:
        return None


def event_type_times(offer: EventTypeOffer, query: PageQuery, now: datetime) -> Times:
    """The month asked for, and the slots of one day in the viewer's zone: the day asked for, else the first with any.

    Where nothing in particular was asked for, or a later day will do, it is the first day that has slots, in whatever
    month.
    """
    window = Period(now, _horizon(offer, now))
    today, last_day = local_time(window.start, query.zone).date(), local_time(window.end, query.zone).date()
    shown = min(max(query.day or query.month or today, today), last_day)
    by_day = _starts_by_day(offer, _month(shown, query.zone), query, now)
    day = query.day or min(by_day, default=None)
    other_day = None if day in by_day else _nearest_day(_starts_by_day(offer, window, query, now), shown)
    if other_day is not None and (query.or_later or not (query.day or query.month)):
        shown, day, other_day = other_day, other_day, None
        by_day = _starts_by_day(offer, _month(shown, query.zone), query, now)
    grid = month_grid(
        shown,
        field="date",
        today=today,
        is_open=lambda each: each in by_day,
        picked=[day] if day in by_day else [],
        earliest=today,
        latest=last_day,
        first_weekday=present_week_start(),
    )
    slots = [offer.slot_at(start) for start in by_day.get(day, ())] if day else []
    return Times(slots=slots, grid=grid, day=day, other_day=other_day)


def _with_schedules() -> QuerySet[EventType]:
    """Those of people that are on, with their whole schedules, so that finding slots asks for nothing but busy time.

    Whether a plan has room for it is asked of the one that is found.
    """
    return (
        EventType.objects.active()
        .select_related(SCHEDULE)
        .prefetch_related(f"{SCHEDULE}__weekly_hours", f"{SCHEDULE}__date_overrides")
        .filter(organizer__is_active=True)
    )


def _horizon(offer: EventTypeOffer, now: datetime) -> datetime:
    """The last moment at which the event type can be booked."""
    return offer.bookable_until(now=now) - timedelta.resolution


def _month(day: date, zone: ZoneInfo) -> Period:
    """The month that `day` falls in, on the viewer's clock."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Period(day_bounds(first, zone)[0], day_bounds(after, zone)[0])


def _starts_by_day(
    offer: EventTypeOffer, window: Period, query: PageQuery, now: datetime
) -> dict[date, list[datetime]]:
    by_day: dict[date, list[datetime]] = {}
    for start in offer.open_starts(window, now=now):
        by_day.setdefault(local_time(start, query.zone).date(), []).append(start)
    return by_day


def _nearest_day(days: Collection[date], wanted: date) -> date | None:
    """The first of `days`, which are in order, that is not before `wanted`; else the last."""
    return next((day for day in days if day >= wanted), max(days, default=None))
