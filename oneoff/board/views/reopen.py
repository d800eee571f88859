from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_when
from caledee.timekeeping.zones import local_time
from oneoff.board.reopening import NothingFree, can_be_reopened, reopen, times_to_reopen
from oneoff.creator.times import format_local
from oneoff.links import LinkClosed
from oneoff.models import OneOffMeeting
from oneoff.permissions import find_one_off
from oneoff.proposals.forms import ReopenForm

OPEN = "This meeting is already open."
REOPENED = "Reopened. Send the new link; the old one stays closed."


@require_http_methods(["GET", "HEAD", "POST"])
def reopen_one_off(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    one_off = find_one_off(user, key)
    if request.method != "POST":
        form = ReopenForm(initial=_initial(one_off, now), zone=one_off.organizer.zone, now=now)
        return _page(request, one_off, form, now)
    form = ReopenForm(request.POST, zone=one_off.organizer.zone, now=now)
    if not form.is_valid():
        return _page(request, one_off, form, now, status=422)
    old = one_off.current_link_id
    try:
        link = reopen(one_off, valid_until=form.cleaned_data["valid_until"], by=user, now=now)
    except (LinkClosed, NothingFree):
        # Booked, deleted or taken in the meantime. The page says which.
        return _page(request, find_one_off(user, key), form, now, status=409)
    messages.success(request, OPEN if link.pk == old else REOPENED)
    return redirect(one_off)


def _initial(one_off: OneOffMeeting, now: datetime) -> dict[str, str]:
    """Return the expiry it had, if that is in the future."""
    valid_until = one_off.valid_until
    if valid_until is None or valid_until <= now:
        return {}
    return {"valid_until": format_local(local_time(valid_until, one_off.organizer.zone))}


def _page(
    request: HttpRequest, one_off: OneOffMeeting, form: ReopenForm, now: datetime, *, status: int = 200
) -> HttpResponseBase:
    can_be = can_be_reopened(one_off, now=now)
    times = times_to_reopen(one_off, now=now) if can_be else []
    context = {
        "one_off": one_off,
        "form": form,
        "can_be_reopened": can_be,
        "is_booked": not can_be and one_off.link.booking is not None,
        "times": [say_when(time.period, one_off.organizer.zone) for time in times],
    }
    return TemplateResponse(request, "oneoff/reopen.html", context, status=status)
