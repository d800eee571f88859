"""The organizer's meetings, ahead and past, and the way to cancel one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.models import User
from caledee.http import signed_in_user
from caledee.zones import local_time
from scheduling.access import find_meeting
from scheduling.booking import BookingOver, cancel
from scheduling.booking_forms import CancelForm
from scheduling.models import Booking, Canceller
from scheduling.wording import clocks_differ, say_day, say_location, say_time_span, say_when

PER_PAGE = 25
OVER = "This meeting has begun already. It can't be cancelled any more."


@dataclass(frozen=True, slots=True)
class MeetingRow:
    booking: Booking
    time: str
    invitee_time: str
    place: str
    cancelled_by: str
    can_be_cancelled: bool


@dataclass(frozen=True, slots=True)
class MeetingDay:
    heading: str
    rows: Sequence[MeetingRow]


@require_safe
def meetings(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    shows_past = request.GET.get("show") == "past"
    mine = Booking.objects.of(user)
    found = mine.past(now) if shows_past else mine.upcoming(now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    days = meeting_days(page, user, now=now)
    context = {"days": days, "page": page, "shows_past": shows_past, "zone": user.time_zone}
    return TemplateResponse(request, "meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_meeting(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting(user, key)
    form = CancelForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_valid():
        try:
            cancelled = cancel(found, by=Canceller.ORGANIZER, reason=form.cleaned_data["reason"], now=now)
        except BookingOver:
            problem = OVER
        else:
            messages.success(request, f"“{cancelled.name}” with {cancelled.invitee_name} is cancelled.")
            return redirect("scheduling:meetings")
    row = meeting_row(found, user, now=now)
    day = say_day(local_time(found.start, user.zone).date())
    context = {"form": form, "row": row, "day": day, "problem": problem}
    status = 409 if problem else 422 if form.errors else 200
    return TemplateResponse(request, "meeting_cancel.html", context, status=status)


def meeting_days(bookings: Iterable[Booking], organizer: User, *, now: datetime) -> list[MeetingDay]:
    """Grouped by the organizer's local date, in the order given."""
    days = groupby(bookings, key=lambda booking: local_time(booking.start, organizer.zone).date())
    return [MeetingDay(say_day(day), [meeting_row(booking, organizer, now=now) for booking in of]) for day, of in days]


def meeting_row(booking: Booking, organizer: User, *, now: datetime) -> MeetingRow:
    differs = clocks_differ(booking.period, organizer.zone, booking.invitee_zone)
    by_organizer = booking.cancelled_by == Canceller.ORGANIZER
    return MeetingRow(
        booking=booking,
        time=say_time_span(booking.period, organizer.zone),
        invitee_time=say_when(booking.period, booking.invitee_zone) if differs else "",
        place=say_location(booking.location_kind, booking.location, organizer.name),
        cancelled_by="you" if by_organizer else booking.invitee_name,
        can_be_cancelled=not booking.is_cancelled and booking.start > now,
    )
