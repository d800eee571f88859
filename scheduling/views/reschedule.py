"""Moving a booking to another time."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.rates import change_of
from caledee.web.http import is_htmx, refuse_for, retry_after, token_page
from caledee.web.origins import public_form
from scheduling.bookings.book import BookingOver, reschedule
from scheduling.bookings.checking import WAIT_FOR_CALENDARS, CalendarsUnavailable, check_calendars
from scheduling.bookings.choices import PageQuery, Slot
from scheduling.bookings.offers import OfferClosed, SlotTaken
from scheduling.forms.bookings import RescheduleForm
from scheduling.models import Booking
from scheduling.sources import Move, sources
from scheduling.views.bookings import NOT_YET_CHANGED, booking_facts, find_booking_and_source
from scheduling.views.times_page import Context, TimesPage, address_of

TEMPLATE = "bookings/reschedule.html"
BEGUN = "This meeting has already started and can't be moved."
TAKEN = "That time has just been taken. Your meeting is still at its old time: choose another."
NOT_OFFERED = "That time is not free. Choose another."
UNCHECKED = "{} can’t be checked at the moment, so your meeting is still at its old time. Try again in a minute."


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def reschedule_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    booking, now = find_booking_and_source(token), timezone.now()
    if booking.is_cancelled:
        return redirect(booking)
    move = sources.source_of(booking).move(booking)
    if booking.start <= now or move is None:
        return _no_times(request, booking, now)
    return MovePage(request, booking, move, now=now).respond()


class MovePage(TimesPage):
    """Shows the times that a booking can be moved to, asks to confirm one of them, and moves the booking."""

    template: ClassVar[str] = TEMPLATE

    def __init__(self, request: HttpRequest, booking: Booking, move: Move, *, now: datetime) -> None:
        super().__init__(request, move.offer, move.extras, now=now)
        self.booking = booking

    @property
    def default_zone(self) -> ZoneInfo:
        return self.booking.invitee_zone

    def respond(self) -> HttpResponseBase:
        return self.submit() if self.request.method == "POST" else self.show()

    def show(self) -> HttpResponse:
        slot = self.asked_slot
        if slot is not None and self.is_open(slot):
            return self.confirmation(slot)
        return self.choice(self.query, problem=NOT_OFFERED if self.asked.slot_value else "")

    def submit(self) -> HttpResponseBase:
        form = RescheduleForm(self.request.POST)
        value = form.cleaned_data["slot"] if form.is_valid() else ""
        slot = self.offer.slot(value)
        if wait := seconds_to_wait(*change_of(self.request, self.booking.pk), now=self.now):
            return self.refuse(LimitReached(wait), slot)
        if slot is None:
            was_offered = self.offer.could_be_slot(value)
            status, problem = (409, TAKEN) if was_offered else (422, NOT_OFFERED)
            return self.choice(self.query, problem=problem, status=status)
        return self.move_to(slot)

    def move_to(self, slot: Slot) -> HttpResponseBase:
        try:
            if slot.period != self.booking.period:
                check_calendars(self.offer, slot, now=self.now)
            with transaction.atomic():
                self.count_newcomer(self.booking.invitee_email)
                return redirect(reschedule(self.booking, self.offer, slot, now=self.now))
        except LimitReached as reached:
            return self.refuse(reached, slot)
        except CalendarsUnavailable:
            response = self.confirmation(slot, problem=UNCHECKED.format(self.say_whose_calendar()))
            return retry_after(response, WAIT_FOR_CALENDARS, status=503)
        except SlotTaken:
            return self.choose_again(slot)
        except (BookingOver, OfferClosed):
            # Begun, cancelled or paused a moment ago: the page says which.
            return redirect(self.request.path)

    def choose_again(self, taken: Slot) -> HttpResponse:
        query = self.query
        if self.offer.is_by_day:
            query = PageQuery(query.zone, day=self.day_of(taken, query.zone), or_later=True)
        return self.choice(query, problem=TAKEN, status=409)

    def refuse(self, reached: LimitReached, slot: Slot | None) -> HttpResponseBase:
        """Show the chosen time to confirm later, without checking that it is free."""
        if slot is None:
            return refuse_for(self.request, reached.wait)
        return retry_after(self.confirmation(slot, problem=reached.say(NOT_YET_CHANGED)), reached.wait)

    def confirmation(self, slot: Slot, *, problem: str = "") -> HttpResponse:
        """Show one chosen time to confirm."""
        query = self.query
        chosen = self.chosen(slot, query, self.booking.organizer.zone)
        action = address_of(time_zone=query.zone.key)
        return self.render(query, chosen | {"action": action, "problem": problem})

    def render(self, query: PageQuery, context: Context, *, status: int = 200) -> HttpResponse:
        return super().render(query, booking_facts(self.booking) | context, status=status)


def _no_times(request: HttpRequest, booking: Booking, now: datetime) -> HttpResponse:
    """Say that the booking can't be moved any more, or that there is nothing to move it to."""
    has_started = booking.start <= now
    context = booking_facts(booking) | {"has_started": has_started, "problem": BEGUN if has_started else ""}
    template = f"{TEMPLATE}#times" if is_htmx(request) else TEMPLATE
    return TemplateResponse(request, template, context, status=409 if request.method == "POST" else 200)
