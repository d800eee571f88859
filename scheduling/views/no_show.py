"""Marking an invitee as a no-show, and undoing that."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from scheduling.bookings.no_show import BookingNotBegun, note_no_show
from scheduling.forms.bookings import NoShowForm
from scheduling.models import Booking
from scheduling.permissions import find_meeting_to_manage
from scheduling.sources import sources


@require_POST
def meeting_no_show(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    found = find_meeting_to_manage(user, key)
    form = NoShowForm(request.POST)
    missed = form.is_valid() and form.cleaned_data["no_show"]
    back = _back(found, user, now, to_source="back" in request.POST)
    try:
        note_no_show(found, missed=missed, by=user, now=now)
    except BookingNotBegun:
        return TemplateResponse(request, "meetings/not_started.html", {"booking": found, "back": back}, status=409)
    name = found.invitee_name
    messages.success(
        request, f"{name} is marked as a no-show." if missed else f"{name} is no longer marked as a no-show."
    )
    return redirect(back)


def _back(found: Booking, user: User, now: datetime, *, to_source: bool) -> str:
    """Return the address of the list that the meeting is in, or of what the meeting was made on.

    Meetings that the user manages for someone else aren't in their list.
    """
    page = sources.source_of(found).page_of(found) if to_source or found.organizer != user else ""
    return page or reverse("scheduling:meetings") + ("?show=past" if found.end <= now else "")
