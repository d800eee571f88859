"""An organizer's event types: the list, the form, and the switch."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, ObjectNotUpdated
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.models import User
from caledee.http import signed_in_user
from scheduling.access import find_event_type
from scheduling.event_types import (
    AddressTaken,
    LimitReached,
    change_event_type,
    create_event_type,
    delete_event_type,
    move_event_type,
    switch_off,
    switch_on,
)
from scheduling.forms import ADDRESS_TAKEN, SETTINGS_WITH_DEFAULTS, EventTypeForm, MoveForm, SwitchForm
from scheduling.models import EventType
from scheduling.wording import say_duration, say_location


@dataclass(frozen=True, slots=True)
class EventTypeRow:
    key: str
    name: str
    is_active: bool
    is_surplus: bool
    duration: str
    place: str
    path: str
    link: str


@dataclass(frozen=True, slots=True)
class WayToCreate:
    title: str
    explanation: str
    address: str


WAYS_TO_CREATE = [
    WayToCreate("One-on-one", "A page that people book again and again, whenever you are free.", "/event-types/new/"),
    WayToCreate("One-off meeting", "A private link for one meeting, with times you pick and hold.", "/one-offs/new/"),
]


@require_safe
def event_types(request: HttpRequest) -> HttpResponseBase:
    user = signed_in_user(request)
    rows = [_row(event_type, user) for event_type in EventType.objects.of(user).with_bookability()]
    limit = user.active_event_type_limit
    surplus = sum(row.is_surplus for row in rows)
    context = {
        "rows": rows,
        "limit": limit,
        "used": sum(row.is_active for row in rows) - surplus,
        "surplus": surplus,
        "ways_to_create": WAYS_TO_CREATE,
        "public_page": f"{settings.BASE_URL}{user.get_absolute_url()}",
    }
    return TemplateResponse(request, "event_types.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    form = EventTypeForm(request.POST if request.method == "POST" else None, organizer=signed_in_user(request))
    if form.is_valid():
        try:
            made = create_event_type(form.save(commit=False), active=form.cleaned_data["active"], now=timezone.now())
        except AddressTaken:
            form.add_error("slug", ADDRESS_TAKEN)
        except LimitReached as error:
            form.add_error(None, f"{say_limit(error)} Switch one off first. Nothing you typed is lost.")
        else:
            state = "on. People can book it now." if made.is_active else "saved, and off."
            messages.success(request, f"“{made.name}” is {state}")
            return redirect("scheduling:event_types")
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_event_type(signed_in_user(request), key)
    name = found.name
    data = request.POST if request.method == "POST" else None
    form = EventTypeForm(data, instance=found, organizer=found.organizer)
    if form.is_valid():
        try:
            change_event_type(form.save(commit=False), active=form.cleaned_data["active"], now=timezone.now())
        except AddressTaken:
            form.add_error("slug", ADDRESS_TAKEN)
        except LimitReached as error:
            form.add_error("active", f"{say_limit(error)} Switch another one off first.")
        except ObjectNotUpdated as error:
            raise Http404 from error
        else:
            messages.success(request, f"“{found.name}” is saved.")
            return redirect("scheduling:event_types")
    return _form_page(request, form, name)


@require_POST
def switch(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_event_type(signed_in_user(request), key)
    form = SwitchForm(request.POST)
    if form.is_valid() and form.cleaned_data["active"]:
        try:
            switch_on(found)
        except LimitReached as error:
            messages.error(request, f"{say_limit(error)} “{found.name}” stays off: switch another one off first.")
        else:
            messages.success(request, f"“{found.name}” is on. People can book it now.")
    else:
        switch_off(found, now=timezone.now())
        messages.success(request, f"“{found.name}” is off. Nobody can book it; what is booked stays.")
    return redirect("scheduling:event_types")


@require_POST
def move(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The focus stays on the button that was pressed, or goes to the other one where the row is at the end."""
    found = find_event_type(signed_in_user(request), key)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    direction = form.cleaned_data["direction"]
    move_event_type(found, up=direction == "up")
    messages.success(request, f"“{found.name}” is moved {direction}.")
    return redirect(f"{reverse('scheduling:event_types')}#move-{found.pk}-{_way_left(found, direction)}")


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_event_type(signed_in_user(request), key)
    delete_event_type(found)
    messages.success(request, f"“{found.name}” is deleted. Its bookings stay.")
    return redirect("scheduling:event_types")


def say_limit(error: LimitReached) -> str:
    noun = "event type" if error.limit == 1 else "event types"
    return f"Your plan has room for {error.limit} {noun} that {'is' if error.limit == 1 else 'are'} on."


def _way_left(event_type: EventType, direction: str) -> str:
    """The way in which it can still be moved: the same again, unless it has come to the end."""
    keys = list(EventType.objects.filter(organizer=event_type.organizer_id).values_list("pk", flat=True))
    end = keys[0 if direction == "up" else -1]
    other = "down" if direction == "up" else "up"
    return other if end == event_type.pk else direction


def _row(event_type: EventType, organizer: User) -> EventTypeRow:
    event_type.organizer = organizer
    path = event_type.get_absolute_url()
    return EventTypeRow(
        key=str(event_type.pk),
        name=event_type.name,
        is_active=event_type.is_active,
        is_surplus=event_type.is_active and not event_type.is_bookable,
        duration=say_duration(event_type.duration),
        place=say_location(event_type.location_kind, event_type.location, organizer.name),
        path=path,
        link=f"{settings.BASE_URL}{path}",
    )


def _form_page(request: HttpRequest, form: EventTypeForm, name: str = "") -> HttpResponseBase:
    context = {
        "form": form,
        "name": name,
        "page_address": f"{settings.BASE_URL}{form.organizer.get_absolute_url()}",
        "extra_open": any(field in form.errors for field in SETTINGS_WITH_DEFAULTS),
    }
    return TemplateResponse(request, "event_type_form.html", context, status=422 if form.errors else 200)
