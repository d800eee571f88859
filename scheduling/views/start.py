"""The first steps of a new user, each of them optional: hours, an event type, and its link."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.first_steps import change_time_zone, finish_first_steps
from caledee.accounts.requests import signed_in_user
from scheduling.availability.schedules import save_schedule
from scheduling.availability.slots import read_working_hours
from scheduling.event_types import AddressTaken, LimitReached, create_event_type
from scheduling.forms.event_types import USUAL_INVITEE_LIMIT, EventTypeForm
from scheduling.forms.start import FirstHoursForm
from scheduling.models import EventType

View = Callable[[HttpRequest], HttpResponseBase]

FIRST_EVENT_TYPE = {"name": "Intro call", "duration": 30}


def for_new_people(view: View) -> View:
    """Redirect users who have finished or skipped the first steps."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponseBase:
        if signed_in_user(request).started_at is not None:
            return redirect("scheduling:event_types")
        return view(request)

    return wrapper


@require_http_methods(["GET", "HEAD", "POST"])
@for_new_people
def hours(request: HttpRequest) -> HttpResponseBase:
    user = signed_in_user(request)
    form = FirstHoursForm(request.POST if request.method == "POST" else None, stored=read_working_hours(user))
    if form.is_valid():
        with transaction.atomic():
            save_schedule(user, form.working_hours())
            change_time_zone(user, form.cleaned_data["time_zone"])
        return redirect("scheduling:start_event_type")
    context = {"form": form, "step": 1}
    return TemplateResponse(request, "start/hours.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_new_people
def event_type(request: HttpRequest) -> HttpResponseBase:
    user = signed_in_user(request)
    if EventType.objects.of(user).exists():
        return redirect("scheduling:start_link")
    data = request.POST if request.method == "POST" else None
    form = EventTypeForm(data, owner=user, initial=FIRST_EVENT_TYPE)
    if form.is_valid():
        details = replace(form.details(), invitee_limit=USUAL_INVITEE_LIMIT)
        with suppress(AddressTaken, LimitReached):  # just created in another tab: the next step shows it
            create_event_type(details, owner=user, now=timezone.now())
        return redirect("scheduling:start_link")
    context = {"form": form, "step": 2}
    return TemplateResponse(request, "start/event_type.html", context, status=422 if form.errors else 200)


@require_safe
@for_new_people
def link(request: HttpRequest) -> HttpResponseBase:
    first = EventType.objects.of(signed_in_user(request)).select_related("organizer").first()
    address = f"{settings.BASE_URL}{first.get_absolute_url()}" if first else ""
    context = {"event_type": first, "link": address, "step": 3}
    return TemplateResponse(request, "start/link.html", context)


@require_POST
def finish(request: HttpRequest) -> HttpResponseBase:
    finish_first_steps(signed_in_user(request), now=timezone.now())
    if "one_off" in request.POST:
        return redirect("oneoff:create")
    messages.success(request, "You're all set. You can change everything later.")
    return redirect("scheduling:event_types")
