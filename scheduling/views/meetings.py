"""One's own meetings, ahead and past, and the way to cancel one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.models import User
from caledee.http import signed_in_user
from caledee.zones import local_time
from scheduling.access import find_meeting, find_meeting_taken_part_in
from scheduling.booking import BookingOver, cancel
from scheduling.booking_forms import CancelForm
from scheduling.history import history_of
from scheduling.ical import calendar_file
from scheduling.models import Booking, Canceller
from scheduling.undelivered import UndeliveredLine, undelivered_of
from scheduling.views.bookings import as_calendar_file
from scheduling.wording import clocks_differ, say_day, say_location, say_names, say_time_span, say_when

PER_PAGE = 25
OVER = "This meeting has begun already. It can't be cancelled any more."


@dataclass(frozen=True, slots=True)
class MeetingRow:
    booking: Booking
    time: str
    invitee_time: str
    place: str
    cancelled_by: str
    company: str
    can_be_cancelled: bool
    can_be_no_show: bool
    undelivered: Sequence[UndeliveredLine] = ()


@dataclass(frozen=True, slots=True)
class MeetingDay:
    heading: str
    rows: Sequence[MeetingRow]


@require_safe
def meetings(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    shows_past = request.GET.get("show") == "past"
    mine = Booking.objects.taking_part(user).select_related("organizer").prefetch_related("cohosts")
    found = mine.past(now) if shows_past else mine.upcoming(now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    days = meeting_days(page, user, now=now)
    context = {"days": days, "page": page, "shows_past": shows_past, "zone": user.time_zone}
    return TemplateResponse(request, "meetings.html", context)


@require_safe
def meeting(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """One meeting: its facts, what can be done with it, and its history."""
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting_taken_part_in(user, key)
    context = {
        "row": meeting_row(found, user, now=now, undelivered=undelivered_of([found.pk], user).get(found.pk, ())),
        "day": say_day(local_time(found.start, user.zone).date()),
        "is_over": found.end <= now,
        "history": history_of([found.pk], reader=user),
    }
    return TemplateResponse(request, "meeting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_meeting(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting(user, key)
    form = CancelForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_valid():
        try:
            cancelled = cancel(found, by=Canceller.ORGANIZER, reason=form.cleaned_data["reason"], actor=user, now=now)
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


@require_safe
def meeting_calendar(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The same file as the invitee's, at an address that tells nobody the invitee's own."""
    found = find_meeting_taken_part_in(signed_in_user(request), key)
    content = calendar_file(found, now=timezone.now(), link=f"{settings.BASE_URL}{reverse('scheduling:meetings')}")
    return as_calendar_file(content)


def meeting_days(bookings: Iterable[Booking], reader: User, *, now: datetime) -> list[MeetingDay]:
    """Grouped by the reader's local date, in the order given."""
    bookings = list(bookings)
    undelivered = undelivered_of([booking.pk for booking in bookings], reader)
    days = groupby(bookings, key=lambda booking: local_time(booking.start, reader.zone).date())
    return [
        MeetingDay(
            say_day(day),
            [meeting_row(booking, reader, now=now, undelivered=undelivered.get(booking.pk, ())) for booking in of],
        )
        for day, of in days
    ]


def meeting_row(
    booking: Booking, reader: User, *, now: datetime, undelivered: Sequence[UndeliveredLine] = ()
) -> MeetingRow:
    """As `reader` sees it, who is its organizer or a cohost."""
    differs = clocks_differ(booking.period, reader.zone, booking.invitee_zone)
    is_mine = booking.organizer == reader
    by_organizer = booking.cancelled_by == Canceller.ORGANIZER
    organizer_name = "you" if is_mine else booking.organizer.name
    company = [person.name for person in booking.people if person != reader]
    return MeetingRow(
        booking=booking,
        time=say_time_span(booking.period, reader.zone),
        invitee_time=say_when(booking.period, booking.invitee_zone) if differs else "",
        place=say_location(booking.location_kind, booking.location, booking.organizer.name),
        cancelled_by=organizer_name if by_organizer else booking.invitee_name,
        company=f"with {say_names(['you', *company])}" if company else "",
        can_be_cancelled=is_mine and not booking.is_cancelled and booking.start > now,
        can_be_no_show=is_mine and booking.can_be_no_show(now),
        undelivered=undelivered,
    )
