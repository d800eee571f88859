"""One's own meetings, ahead and past, and the way to cancel one."""

from collections.abc import Sequence
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
from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_day
from caledee.timekeeping.zones import local_time
from scheduling.bookings.book import BookingOver, cancel
from scheduling.calendars.ical import calendar_file
from scheduling.forms.bookings import CancelForm, MeetingSearchForm
from scheduling.models import Booking, Canceller
from scheduling.pages.history import history_of
from scheduling.pages.meetings import Teammate, meeting_days, meeting_row
from scheduling.pages.undelivered import undelivered_of
from scheduling.permissions import find_meeting, find_meeting_taken_part_in
from scheduling.views.bookings import as_calendar_file

PER_PAGE = 25
OVER = "This meeting has begun already. It can't be cancelled any more."


@require_safe
def meetings(
    request: HttpRequest, *, people: Sequence[User] = (), teammate: Teammate | None = None
) -> HttpResponseBase:
    """One's own meetings, or a teammate's as far as one may see them. `people` are those to choose from."""
    user, now = signed_in_user(request), timezone.now()
    shows_past = request.GET.get("show") == "past"
    form = MeetingSearchForm(request.GET.dict())
    whose = Booking.objects.taking_part(teammate.person if teammate else user)
    if invitee := form.sought:
        # Whom somebody meets is told of no meeting that one may not see.
        whose = (whose.filter(pk__in=teammate.disclosed.values("pk")) if teammate else whose).with_invitee(invitee)
    whose = whose.select_related("organizer").prefetch_related("cohosts")
    page = Paginator(whose.past(now) if shows_past else whose.upcoming(now), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "days": meeting_days(page, user, teammate=teammate, now=now),
        "page": page,
        "shows_past": shows_past,
        "zone": user.place,
        "form": form,
        "invitee": invitee,
        "people": people,
        "teammate": teammate.person if teammate else None,
    }
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
