"""The booking page: the same for an event type and for a one-off meeting, which differ only in how times are found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from caledee.http import is_htmx
from caledee.month_grid import MonthGrid
from caledee.zone_choices import time_zone_options
from caledee.zones import local_time, occurs_twice
from scheduling.booking import book
from scheduling.forms import BookingForm, PageQueryForm
from scheduling.offers import Offer, Slot, SlotTaken, format_start
from scheduling.views.bookings import remember_booking
from scheduling.wording import say_day, say_duration, say_location, say_time_span, say_zone

TAKEN = "That time has just been taken. Choose another; everything you typed is still here."
NOT_OFFERED = "That time is no longer free. Choose another."


@dataclass(frozen=True, slots=True)
class SlotButton:
    """One slot as the page shows it: plain words, formatted beforehand."""

    value: str
    moment: str
    clock: str
    name: str
    remark: str


@dataclass(frozen=True, slots=True)
class SlotDay:
    heading: str
    buttons: Sequence[SlotButton]


@dataclass(frozen=True, slots=True)
class Times:
    """What can be booked, as far as the page shows it; with a month to choose a day from, for event types."""

    slots: Sequence[Slot]
    grid: MonthGrid | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What the viewer asked to see, checked. Whatever was left out or made no sense is None."""

    zone: ZoneInfo
    day: date | None = None
    month: date | None = None
    errors: dict[str, Sequence[str]] = field(default_factory=dict)


FindTimes = Callable[[PageQuery], Times]


def respond(request: HttpRequest, offer: Offer, find_times: FindTimes, *, now: datetime) -> HttpResponse:
    """Show the page, or book. Raises OfferClosed."""
    if request.method == "POST":
        return _submit(request, offer, find_times, now)
    form = PageQueryForm(request.GET)
    form.is_valid()
    zone_name = form.value("time_zone")
    query = PageQuery(
        zone=ZoneInfo(zone_name) if zone_name else offer.organizer.zone,
        day=form.value("date"),
        month=form.value("month"),
        errors=dict(form.errors),
    )
    slot = offer.slot(form.value("slot") or "")
    if slot is not None and offer.is_open(slot, now=now):
        booking_form = BookingForm(offer=offer, initial={"slot": slot.value, "time_zone": query.zone.key})
        return _page(request, offer, query, now=now, form=booking_form, chosen=slot)
    asked_for_slot = bool(request.GET.get("slot"))
    problem = NOT_OFFERED if asked_for_slot else ""
    return _page(request, offer, query, now=now, times=find_times(query), problem=problem)


def _submit(request: HttpRequest, offer: Offer, find_times: FindTimes, now: datetime) -> HttpResponse:
    form = BookingForm(request.POST, offer=offer)
    valid = form.is_valid()
    zone_name = form.cleaned_data.get("time_zone")
    zone = ZoneInfo(zone_name) if zone_name else offer.organizer.zone
    slot = offer.slot(form.cleaned_data.get("slot", ""))
    if valid and slot is not None:
        try:
            booking = book(offer, slot, form.invitee(), now=now)
        except SlotTaken:
            pass
        else:
            return remember_booking(request, redirect(booking), booking)
    day = local_time(slot.period.start, zone).date() if slot else None
    query = PageQuery(zone=zone, day=day, month=day)
    if slot is not None and not valid and offer.is_open(slot, now=now):
        return _page(request, offer, query, now=now, form=form, chosen=slot, status=422)
    if slot is None and "slot" not in form.errors:
        form.add_error("slot", "Choose one of the times.")
    taken = slot is not None
    return _page(
        request,
        offer,
        query,
        now=now,
        form=form,
        times=find_times(query),
        problem=TAKEN if taken else "",
        status=409 if taken and valid else 422,
    )


def _page(
    request: HttpRequest,
    offer: Offer,
    query: PageQuery,
    *,
    now: datetime,
    form: BookingForm | None = None,
    chosen: Slot | None = None,
    times: Times | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "offer": offer,
        "duration": say_duration(offer.duration),
        "place": say_location(offer.location_kind, "", offer.organizer.name),
        "zone": query.zone.key,
        "zone_words": say_zone(query.zone, chosen.period.start if chosen else None),
        "zone_asked": "time_zone" in request.GET,
        "zone_errors": query.errors.get("time_zone", []),
        "zone_typed": request.GET.get("time_zone", query.zone.key) if query.errors else query.zone.key,
        "time_zone_options": time_zone_options(now),
        "organizer_zone": offer.organizer.time_zone,
        "form": form,
        "chosen": _button(chosen, query.zone) if chosen else None,
        "chosen_day": say_day(local_time(chosen.period.start, query.zone).date()) if chosen else "",
        "chosen_time": say_time_span(chosen.period, query.zone) if chosen else "",
        "times": times,
        "days": slot_days(times.slots, query.zone) if times else [],
        "problem": problem,
    }
    template = "booking_page.html#times" if is_htmx(request) and not chosen else "booking_page.html"
    return TemplateResponse(request, template, context, status=status)


def slot_days(slots: Iterable[Slot], zone: ZoneInfo) -> list[SlotDay]:
    """Slots grouped by the viewer's local date."""
    days = groupby(slots, key=lambda slot: local_time(slot.period.start, zone).date())
    return [SlotDay(say_day(day), [_button(slot, zone) for slot in of_day]) for day, of_day in days]


def _button(slot: Slot, zone: ZoneInfo) -> SlotButton:
    start = slot.period.start.astimezone(zone)
    twice = occurs_twice(slot.period.start, zone)
    return SlotButton(
        value=slot.value,
        moment=format_start(slot.period.start),
        clock=f"{start:%H:%M}",
        name=f"to {slot.period.end.astimezone(zone):%H:%M}, {zone.key}",
        remark=start.tzname() or "" if twice else "",
    )
