"""Event types of the user and their organizations: the list, the form and the switch."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, ObjectNotUpdated
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.wording import say_count, say_duration
from scheduling.availability.hosts import hosts_of
from scheduling.calendars.status import problems_of
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
from scheduling.forms.event_types import LIMITS, SETTINGS_WITH_DEFAULTS, EventTypeForm, MoveForm, SwitchForm
from scheduling.forms.team_event_types import TeamEventTypeForm
from scheduling.models import EventType, EventTypeKind
from scheduling.pages.team_sections import may_create_for_teams, memberships_of, team_sections
from scheduling.permissions import find_event_type, organizations_for_event_types
from scheduling.rooms import say_place
from scheduling.rules import Refused
from scheduling.sources import sources


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


ON = "active. People can book it now."
TITLES: dict[str, str] = {
    EventTypeKind.ONE_ON_ONE: "New event type",
    EventTypeKind.COLLECTIVE: "New collective event type",
    EventTypeKind.ROUND_ROBIN: "New round‑robin event type",
}
EXPLANATIONS: dict[str, str] = {
    EventTypeKind.ONE_ON_ONE: "An invitee books a meeting with you when you are free.",
    EventTypeKind.COLLECTIVE: "An invitee books a meeting with all hosts together, when all of them are free.",
    EventTypeKind.ROUND_ROBIN: (
        "An invitee books a meeting with one host who is free: the one with the fewest hours booked that week, then "
        "the one booked longest ago."
    ),
}


@require_safe
def event_types(request: HttpRequest) -> HttpResponseBase:
    user = signed_in_user(request)
    rows = [_row(event_type, user) for event_type in EventType.objects.of(user).with_bookability()]
    limit = user.active_event_type_limit
    memberships = memberships_of(user)
    surplus = sum(row.is_surplus for row in rows)
    context = {
        "calendar_problems": problems_of(user, now=timezone.now()),
        "rows": rows,
        "limit": limit,
        "used": sum(row.is_active for row in rows) - surplus,
        "surplus": surplus,
        "sections": team_sections(user, memberships),
        "ways_to_create": sources.ways_to_create(for_teams=may_create_for_teams(memberships)),
        "public_page": f"{settings.BASE_URL}{user.get_absolute_url()}",
    }
    return TemplateResponse(request, "event_types/event_types.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    return _create(request, EventTypeForm(_posted(request), owner=signed_in_user(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def create_for_team(request: HttpRequest, kind: EventTypeKind) -> HttpResponseBase:
    """Create a team event type. Returns 404 for users without an organization that can have one."""
    organizations = organizations_for_event_types(signed_in_user(request))
    if not organizations:
        raise Http404
    if "show_people" in request.POST:
        typed = request.POST.dict() | {"hosts": request.POST.getlist("hosts")}
        return _form_page(request, TeamEventTypeForm(initial=typed, organizations=organizations, kind=kind))
    return _create(request, TeamEventTypeForm(_posted(request), organizations=organizations, kind=kind))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_event_type(signed_in_user(request), key)
    name = found.name
    form = _form_to_edit(_posted(request), found)
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            change_event_type(
                found,
                form.details(),
                hosts=cleaned.get("hosts", ()),
                active=cleaned["active"],
                now=timezone.now(),
            )
        except Refused as error:
            form.refuse(error.refusals)
        except AddressTaken:
            form.add_error("slug", form.address_taken)
        except LimitReached as error:
            form.add_error("active", f"{say_limit(error)} Switch another one off first.")
        except ObjectNotUpdated as error:
            raise Http404 from error
        else:
            messages.success(request, f"“{found.name}” was saved.")
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
            messages.error(request, f"{say_limit(error)} “{found.name}” stays inactive: deactivate another one first.")
        else:
            state = "active, but paused by the organization's plan." if found.is_paused_by_plan else ON
            messages.success(request, f"“{found.name}” is {state}")
    else:
        switch_off(found, now=timezone.now())
        messages.success(request, f"“{found.name}” is inactive. Nobody can book it. Existing bookings stay.")
    return redirect("scheduling:event_types")


@require_POST
def move(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Move the event type, and keep the focus on the pressed button, or the other one at the end of the list."""
    found = find_event_type(signed_in_user(request), key)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    direction = form.cleaned_data["direction"]
    move_event_type(found, up=direction == "up")
    messages.success(request, f"“{found.name}” was moved {direction}.")
    return redirect(f"{reverse('scheduling:event_types')}#move-{found.pk}-{_way_left(found, direction)}")


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponseBase:
    found = find_event_type(signed_in_user(request), key)
    delete_event_type(found)
    messages.success(request, f"“{found.name}” was deleted. Its bookings stay.")
    return redirect("scheduling:event_types")


def say_limit(error: LimitReached) -> str:
    return f"Your plan allows {say_count(error.limit, 'active event type')}."


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _create(request: HttpRequest, form: EventTypeForm) -> HttpResponseBase:
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            made = create_event_type(
                form.details(),
                owner=form.owner,
                kind=form.kind,
                hosts=cleaned.get("hosts", ()),
                active=cleaned["active"],
                now=timezone.now(),
            )
        except Refused as error:
            form.refuse(error.refusals)
        except AddressTaken:
            form.add_error("slug", form.address_taken)
        except LimitReached as error:
            form.add_error(None, f"{say_limit(error)} Deactivate one first. Nothing you typed is lost.")
        else:
            messages.success(request, f"“{made.name}” is {ON if made.is_active else 'saved and inactive.'}")
            return redirect("scheduling:event_types")
    return _form_page(request, form)


def _form_to_edit(data: QueryDict | None, found: EventType) -> EventTypeForm:
    if found.organization is None:
        return EventTypeForm(data, owner=found.owner, event_type=found)
    return TeamEventTypeForm(
        data,
        event_type=found,
        organizations=[found.organization],
        hosts=hosts_of(found),
        kind=EventTypeKind(found.kind),
    )


def _way_left(event_type: EventType, direction: str) -> str:
    """Return the direction in which it can move next: the same one, unless it has reached the end."""
    keys = list(
        EventType.objects.filter(
            organizer=event_type.organizer_id, organization=event_type.organization_id
        ).values_list("pk", flat=True)
    )
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
        place=say_place(event_type, organizer),
        path=path,
        link=f"{settings.BASE_URL}{path}",
    )


def _form_page(request: HttpRequest, form: EventTypeForm, name: str = "") -> HttpResponseBase:
    context = {
        "form": form,
        "name": name,
        "title": TITLES[form.kind],
        "explanation": EXPLANATIONS[form.kind],
        "page_address": f"{settings.BASE_URL}{form.owner.get_absolute_url()}",
        "extra_open": any(field in form.errors for field in (*SETTINGS_WITH_DEFAULTS, *LIMITS)),
    }
    return TemplateResponse(request, "event_types/form.html", context, status=422 if form.errors else 200)
