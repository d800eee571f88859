"""The booking page: the same for an event type and for a one-off meeting, which differ only in how times are found.

It shows one of three things: the times to choose from; the chosen time with the form that books it; or, after a submit
whose time cannot be booked, that form with what is left to choose from.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull
from caledee.limits.rates import booking_on
from caledee.locations import LocationKind
from caledee.timekeeping.wording import say_day, say_duration, say_zone
from caledee.timekeeping.zones import local_time
from caledee.web.browsers import zone_of_browser
from caledee.web.http import is_htmx, retry_after, say_wait
from scheduling.availability.limits import CancelledTooOften
from scheduling.bookings.book import Sender, book
from scheduling.bookings.offers import InviteeLimitReached, Offer, Slot, SlotTaken
from scheduling.forms.bookings import BookingForm, PageQueryForm
from scheduling.models import Booking
from scheduling.pages.slots import chosen_slot, slot_days
from scheduling.views.bookings import remember_booking, remembered_bookings
from scheduling.views.choice import PageQuery, Times, address_of, at_plain_address, choice_of
from scheduling.views.newcomers import count_newcomer

__all__ = ["PageQuery", "Times", "respond"]

TAKEN = "That time is no longer free. Your details are still here; choose another time and confirm."
NOT_OFFERED = "That time is no longer free. Choose another."
CHOOSE = "Choose one of the times."
TOO_OFTEN = (
    "Too many attempts from your network. Nothing is booked yet. Your details are still here; confirm again in {}."
)
MAILBOX_FULL = (
    "Caledee has sent this address many emails recently. Nothing is booked yet. Your details are still here; confirm "
    "again in {}."
)
CANCELLED_TOO_OFTEN = (
    "Several meetings were booked and cancelled with this address in the last day. Move a meeting instead of "
    "cancelling it, or book again tomorrow."
)
ENOUGH = (
    "You've reached the limit of upcoming bookings for this email address. To move or cancel one of them, "
    "use the link in its confirmation."
)
PLACE_ICONS: dict[str, str] = {
    LocationKind.VIDEO: "video",
    LocationKind.PHONE: "phone",
    LocationKind.ADDRESS: "map-pin",
    LocationKind.ASK_INVITEE: "map-pin",
}

FindTimes = Callable[[PageQuery], Times]


def respond(request: HttpRequest, offer: Offer, find_times: FindTimes, *, now: datetime) -> HttpResponseBase:
    """Show the page, or book. Raises OfferClosed."""
    if request.method == "POST":
        return _book(request, offer, find_times, now)
    known_zone = zone_of_browser(request)
    form = PageQueryForm(request.GET.dict(), default_zone=known_zone or offer.zone)
    query = PageQuery(form.zone, form.day, form.first_of_month)
    guess = {"guess_zone": not form.zone_asked, "zone_is_unsure": not (form.zone_asked or known_zone)}
    slot = offer.slot(form.slot_value)
    if slot is not None and offer.is_open(slot, now=now):
        booking_form = BookingForm(offer=offer, initial={"slot": slot.value, "time_zone": query.zone.key})
        return _page(request, offer, query, now, _details(offer, query, booking_form, slot) | guess)
    if slot is not None and query.day is None:
        # A link to a time that is gone shows what else there is on its day.
        query = replace(query, day=local_time(slot.period.start, query.zone).date())
    shown = choice_of(offer, query, form, find_times(query), now)
    shown["problem"] = NOT_OFFERED if form.slot_value else ""
    return at_plain_address(request, form, _page(request, offer, query, now, shown | guess))


def _book(request: HttpRequest, offer: Offer, find_times: FindTimes, now: datetime) -> HttpResponseBase:
    form = BookingForm(request.POST, offer=offer)
    if wait := seconds_to_wait(*booking_on(request, offer.key), now=now):
        return _refuse(request, offer, form, find_times, now, wait)
    valid = form.is_valid()
    slot = offer.slot(form.cleaned_data.get("slot", ""))
    try:
        if valid and slot is not None and (booking := _try_to_book(request, offer, slot, form, now)):
            return remember_booking(request, redirect(booking), booking)
    except LimitReached as reached:
        problem = MAILBOX_FULL if isinstance(reached, MailboxFull) else TOO_OFTEN
        return _refuse(request, offer, form, find_times, now, reached.wait, problem=problem)
    zone_name = form.cleaned_data.get("time_zone")
    query = PageQuery(ZoneInfo(zone_name) if zone_name else offer.zone)
    if slot is not None and form.errors and offer.is_open(slot, now=now):
        return _page(request, offer, query, now, _details(offer, query, form, slot), status=422)
    was_offered = slot is not None or offer.could_be_slot(form.cleaned_data.get("slot", ""))
    if not was_offered and "slot" not in form.errors:
        form.add_error("slot", CHOOSE)
    if slot is not None:
        query = PageQuery(query.zone, day=local_time(slot.period.start, query.zone).date(), or_later=True)
    shown = _second_choice(offer, query, form, find_times(query))
    shown["problem"] = TAKEN if was_offered else ""
    return _page(request, offer, query, now, shown, status=422 if form.errors else 409)


def _try_to_book(request: HttpRequest, offer: Offer, slot: Slot, form: BookingForm, now: datetime) -> Booking | None:
    """None where it cannot be had; the form says why, where another time would not help. Raises LimitReached."""
    sender = Sender(form.cleaned_data["nonce"], remembered_bookings(request))
    try:
        with transaction.atomic():
            count_newcomer(request, offer, form.cleaned_data["email"], now=now)
            return book(offer, slot, form.invitee(), sender=sender, now=now)
    except SlotTaken:
        return None
    except InviteeLimitReached as reached:
        form.add_error("email", CANCELLED_TOO_OFTEN if isinstance(reached, CancelledTooOften) else ENOUGH)
        return None


def _refuse(
    request: HttpRequest,
    offer: Offer,
    form: BookingForm,
    find_times: FindTimes,
    now: datetime,
    wait: int,
    *,
    problem: str = TOO_OFTEN,
) -> HttpResponseBase:
    """The form as it was sent: with its time, without asking whether that is free, or with what there is to choose."""
    form.is_valid()
    slot = offer.slot(form.cleaned_data.get("slot", ""))
    query = PageQuery(ZoneInfo(form.cleaned_data.get("time_zone") or offer.zone.key))
    shown = _details(offer, query, form, slot) if slot else _second_choice(offer, query, form, find_times(query))
    shown["problem"] = problem.format(say_wait(wait))
    return retry_after(_page(request, offer, query, now, shown), wait)


def _details(offer: Offer, query: PageQuery, form: BookingForm, slot: Slot) -> dict[str, object]:
    chosen = chosen_slot(slot, query.zone, offer.organizer.zone if offer.organizer else query.zone)
    day = None if offer.event_type is None else local_time(slot.period.start, query.zone).date()
    return {
        "form": form,
        "chosen": chosen,
        "way_back": address_of(date=day, time_zone=query.zone.key),
        "announcement": f"{chosen.day}, {chosen.time}",
    }


def _second_choice(offer: Offer, query: PageQuery, form: BookingForm, times: Times) -> dict[str, object]:
    """The form again, with what is left as radios."""
    moved = query.day and times.day and query.day != times.day
    return {
        "form": form,
        "days": slot_days(times.slots, query.zone),
        "nothing_left_on": say_day(query.day) if query.day and moved else "",
        "way_back": address_of(time_zone=query.zone.key),
    }


def _page(
    request: HttpRequest,
    offer: Offer,
    query: PageQuery,
    now: datetime,
    shown: dict[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    is_public = offer.event_type is not None
    context = {
        "title": f"{offer.name} with {offer.with_whom}" if is_public else "Choose a time",
        "is_public": is_public,
        "offer": offer,
        "duration": say_duration(offer.duration),
        "place": _say_place(offer),
        "place_icon": PLACE_ICONS[offer.location_kind],
        "zone": query.zone.key,
        "zone_name": say_zone(query.zone),
    }
    template = "booking_page.html#times" if is_htmx(request) else "booking_page.html"
    return TemplateResponse(request, template, context | shown, status=status)


def _say_place(offer: Offer) -> str:
    """Where, as far as it is told before the booking: numbers and links come with the confirmation."""
    match offer.location_kind:
        case LocationKind.VIDEO:
            return "Video call"
        case LocationKind.PHONE:
            return "Phone call"
        case LocationKind.ADDRESS:
            return offer.location
    return "You say where"
