"""The pages about connected calendars. They never wait for a calendar server: the worker asks it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.requests import signed_in_user
from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.web.http import retry_after
from scheduling.calendars.connecting import (
    Choice,
    choose_all,
    connect_caldav,
    connect_feed,
    disconnect,
    read_now,
    reconnect,
    search_again,
)
from scheduling.calendars.limits import connecting
from scheduling.calendars.models import Connection
from scheduling.calendars.pages.forms import AccountForm, CaldavForm, ChoiceForm, FeedForm, reconnect_form
from scheduling.calendars.pages.rows import calendar_rows, can_search, connection_rows, is_watched
from scheduling.calendars.permissions import find_connection
from scheduling.calendars.status import search_status
from scheduling.rules import Refused

TOO_MANY_CONNECTED = "Nothing was sent yet. What you typed is still here; try again in {}."


@require_safe
def calendars(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    return TemplateResponse(request, "calendars/calendars.html", {"connections": connection_rows(user, now=now)})


@sensitive_post_parameters("address")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_feed(request: HttpRequest) -> HttpResponseBase:
    form = FeedForm(request.POST if request.method == "POST" else None)
    return _connect(request, form, "calendars/feed.html")


@sensitive_post_parameters("address", "username", "password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_caldav(request: HttpRequest) -> HttpResponseBase:
    form = CaldavForm(request.POST if request.method == "POST" else None)
    return _connect(request, form, "calendars/caldav.html")


@never_cache
@require_safe
def connection(request: HttpRequest, key: UUID) -> HttpResponseBase:
    return _connection_page(request, find_connection(signed_in_user(request), key))


@require_POST
def choose_calendars(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Set which calendars of a connection count, and how."""
    user, now = signed_in_user(request), timezone.now()
    found = find_connection(user, key)
    form = ChoiceForm(request.POST, list(found.calendars.all()))
    if not form.is_valid():
        return _connection_page(request, found, problem=" ".join(_errors_of(form)), status=422)
    try:
        choose_all(form.choices, now=now)
    except Refused as refused:
        return _connection_page(request, found, chosen=form.choices, problem=str(refused), status=422)
    messages.success(request, "Your choice was saved.")
    return redirect(found)


@require_POST
def refresh(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Have all counting calendars of a connection read as soon as possible."""
    user, now = signed_in_user(request), timezone.now()
    found = find_connection(user, key)
    for calendar in found.calendars.counting():
        read_now(calendar, now=now)
    messages.success(request, "Reading your calendars now.")
    return redirect(found)


@require_POST
def search(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Look again for the calendars of a connection, such as new ones."""
    user, now = signed_in_user(request), timezone.now()
    found = find_connection(user, key)
    search_again(found, now=now)
    return redirect(found)


@sensitive_post_parameters("address", "username", "password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect_again(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Replace the address and the credentials of a connection."""
    user, now = signed_in_user(request), timezone.now()
    found = find_connection(user, key)
    form = reconnect_form(found, request.POST if request.method == "POST" else None)
    context = {"form": form, "connection": found}
    template = "calendars/reconnect.html"
    if request.method != "POST":
        return TemplateResponse(request, template, context)
    if form.is_valid():
        if wait := seconds_to_wait(*connecting(user.pk), now=now):
            return _too_often(request, form, template, context, wait)
        try:
            reconnect(found, form.account, now=now)
        except Refused as refused:
            form.add_refused(refused)
        else:
            messages.success(request, "Reconnected. Your calendars are read again now.")
            return redirect(found)
    return TemplateResponse(request, template, context, status=422)


@require_POST
def remove(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    found = find_connection(user, key)
    disconnect(found, now=now)
    messages.success(request, f"{found.label} was disconnected. Its busy times no longer count.")
    return redirect("calendars:calendars")


def _connect(request: HttpRequest, form: AccountForm, template: str) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    if not form.is_bound:
        return TemplateResponse(request, template, {"form": form})
    if form.is_valid():
        if wait := seconds_to_wait(*connecting(user.pk), now=now):
            return _too_often(request, form, template, {"form": form}, wait)
        try:
            return redirect(_connection_of(form, request, now=now))
        except Refused as refused:
            form.add_refused(refused)
    return TemplateResponse(request, template, {"form": form}, status=422)


def _connection_of(form: AccountForm, request: HttpRequest, *, now: datetime) -> Connection:
    user, account = signed_in_user(request), form.account
    if isinstance(form, CaldavForm):
        return connect_caldav(user, account.address, account.username, account.password, now=now)
    return connect_feed(user, account.address, now=now)


def _too_often(
    request: HttpRequest, form: AccountForm, template: str, context: dict[str, object], wait: int
) -> HttpResponseBase:
    form.add_error(None, LimitReached(wait).say(TOO_MANY_CONNECTED))
    return retry_after(TemplateResponse(request, template, context), wait)


def _connection_page(
    request: HttpRequest,
    found: Connection,
    *,
    chosen: Sequence[Choice] = (),
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    now = timezone.now()
    rows = calendar_rows(found, chosen=chosen, now=now)
    context = {
        "connection": found,
        "search": search_status(found),
        "can_search": can_search(found),
        "is_watched": is_watched(found, now=now),
        "is_searching": found.searching_since is not None,
        "calendars": rows,
        "is_reading": any(row.is_being_read for row in rows),
        "problem": problem,
    }
    return TemplateResponse(request, "calendars/connection.html", context, status=status)


def _errors_of(form: ChoiceForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]
