"""Cancelling a booking: one page for its invitee and for the organizer side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.limits.counting import Counted, LimitReached, seconds_to_wait
from caledee.limits.rates import change_of
from caledee.web.http import retry_after, token_page
from caledee.web.origins import public_form
from scheduling.bookings.book import BookingOver, cancel
from scheduling.forms.bookings import CancelForm
from scheduling.models import Booking, Canceller
from scheduling.pages.meetings import meeting_row
from scheduling.permissions import find_meeting
from scheduling.views.bookings import NOT_YET_CHANGED, booking_facts, find_booking


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPage:
    """One booking to cancel, for one kind of reader. The default values are those of the organizer side.

    `back` is where "Keep it" leads, and `after` where the page leads once the booking is cancelled. `facts` is the
    template that shows the booking, with `context`. `consequence` says what else happens.
    """

    booking: Booking
    by: Canceller = Canceller.ORGANIZER
    actor: User | None = None
    back: str
    after: str
    facts: str
    context: Mapping[str, object]
    is_public: bool = False
    when: str = ""
    consequence: str = ""
    limits: Sequence[Counted] = field(default=())

    def respond(self, request: HttpRequest, *, now: datetime) -> HttpResponse:
        if request.method != "POST":
            return self.show(request, CancelForm(), now=now)
        form = CancelForm(request.POST)
        if wait := seconds_to_wait(*self.limits, now=now):
            form.add_error(None, LimitReached(wait).say(NOT_YET_CHANGED))
            return retry_after(self.show(request, form, now=now), wait)
        if not form.is_valid():
            return self.show(request, form, now=now, status=422)
        try:
            cancelled = cancel(self.booking, by=self.by, reason=form.cleaned_data["reason"], actor=self.actor, now=now)
        except BookingOver:
            return self.show(request, form, now=now, status=409)
        if not self.is_public:
            messages.success(request, f"“{cancelled.name}” with {cancelled.invitee_name} is cancelled.")
        return redirect(self.after)

    def show(self, request: HttpRequest, form: CancelForm, *, now: datetime, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "booking": self.booking,
            "has_started": self.booking.start <= now,
            "layout": "base_public.html" if self.is_public else "base.html",
            "cancelling": self,
        }
        return TemplateResponse(request, "bookings/cancel.html", {**self.context, **context}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@public_form
@token_page
def cancel_booking(request: HttpRequest, token: str) -> HttpResponseBase:
    """Cancel by the invitee's link. An organizer who uses it still cancels as the organizer."""
    found = find_booking(token)
    if request.method != "POST" and found.is_cancelled:
        return redirect(found)
    page = CancelPage(
        booking=found,
        by=Canceller.ORGANIZER if request.user == found.organizer else Canceller.INVITEE,
        back=found.get_absolute_url(),
        after=found.get_absolute_url(),
        facts="components/booking-facts.html",
        context=booking_facts(found),
        is_public=True,
        limits=change_of(request, found.pk),
    )
    return page.respond(request, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_meeting(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Cancel one of one's own meetings."""
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting(user, key)
    row = meeting_row(found, user, now=now)
    page = CancelPage(
        booking=found,
        actor=user,
        back=row.address,
        after=reverse("scheduling:meetings"),
        facts="components/meeting-facts.html",
        context={"row": row},
        when=row.when,
    )
    return page.respond(request, now=now)
