"""Noting that an invitee did not come, and taking that back."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caledee.accounts.requests import signed_in_user
from scheduling.bookings.no_show import BookingNotBegun, note_no_show
from scheduling.forms.bookings import NoShowForm
from scheduling.models import Booking
from scheduling.permissions import find_meeting


@require_POST
def meeting_no_show(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_meeting(signed_in_user(request), key)
    return respond(request, found, back=redirect(meetings_of(found, now=timezone.now())))


def respond(request: HttpRequest, found: Booking, *, back: HttpResponse) -> HttpResponseBase:
    """Note it and go `back`, or say why it can't be noted."""
    user, now = signed_in_user(request), timezone.now()
    form = NoShowForm(request.POST)
    missed = form.is_valid() and form.cleaned_data["no_show"]
    try:
        note_no_show(found, missed=missed, by=user, now=now)
    except BookingNotBegun:
        return TemplateResponse(request, "not_begun.html", {"booking": found, "back": back["Location"]}, status=409)
    name = found.invitee_name
    messages.success(
        request, f"{name} is marked as a no-show." if missed else f"{name} is no longer marked as a no-show."
    )
    return back


def meetings_of(found: Booking, *, now: datetime) -> str:
    """The list that the meeting is in."""
    return reverse("scheduling:meetings") + ("?show=past" if found.end <= now else "")
