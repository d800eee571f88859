"""The creator: one form, sent whole by each of its buttons. Only the submit that creates writes anything."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.web.http import is_htmx
from oneoff.creator.create import AccountClosed, TimesTaken, create_one_off
from oneoff.creator.forms import CreatorForm, TimesForm, typed_values, values_like
from oneoff.creator.page import CreatorPage
from oneoff.models import OneOffMeeting
from oneoff.permissions import colleagues_of, find_one_off
from scheduling.rules import Refused

# The buttons that only change the page. Every other submit creates: that of `create`, and one without any button.
STEPS = {"refresh", "set_duration", "toggle_day", "add_time", "copy_day", "remove_time", "month"}


@require_http_methods(["GET", "HEAD", "POST"])
def creator(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    user = signed_in_user(request)
    if request.method != "POST":
        return _show(request, _first_page(request, user, now))
    if is_htmx(request) or STEPS & request.POST.keys():
        return _show(request, _next_page(request, user, now))
    return _create(request, user, now)


def _first_page(request: HttpRequest, user: User, now: datetime) -> CreatorPage:
    """Return a page for a teammate (`?organizer=`), or with everything but the times of another one-off
    (`?duplicate=`)."""
    colleagues = colleagues_of(user)
    original = _find_original(request, user)
    values = values_like(original, now) if original else {"organizer": request.GET.get("organizer", user.handle)}
    return _read_page(request, CreatorForm(initial=values, colleagues=colleagues, now=now))


def _next_page(request: HttpRequest, user: User, now: datetime) -> CreatorPage:
    """Return the page after the pressed button, with everything typed but no errors: nothing was submitted yet."""
    form = CreatorForm(initial=typed_values(request.POST), colleagues=colleagues_of(user), now=now)
    return _read_page(request, form)


def _create(request: HttpRequest, user: User, now: datetime) -> HttpResponseBase:
    form = CreatorForm(request.POST, colleagues=colleagues_of(user), now=now)
    page = _read_page(request, form)
    if page.can_be_created:
        try:
            one_off = create_one_off(
                form.details(),
                page.draft.starts,
                organizer=form.chosen_organizer,
                cohosts=form.chosen_cohosts,
                created_by=user,
                now=now,
            )
        except TimesTaken:
            # Read the calendars again: the page names what was booked or held in the meantime.
            page = _read_page(request, form)
        except Refused as error:
            form.refuse(error.refusals)
            return _show(request, page, status=422)
        except AccountClosed as error:
            if user in error.people:
                return redirect_to_login(request.path)
            # Check the form again, without the colleagues who have left.
            return _create(request, user, now)
        else:
            return redirect(one_off)
    return _show(request, page, status=409 if page.is_only_taken else 422)


def _read_page(request: HttpRequest, form: CreatorForm) -> CreatorPage:
    return CreatorPage.read(form, TimesForm(request.POST, organizer=form.chosen_organizer, now=form.now))


def _show(request: HttpRequest, page: CreatorPage, *, status: int = 200) -> HttpResponseBase:
    template = "oneoff/creator.html#creator-times" if is_htmx(request) else "oneoff/creator.html"
    return TemplateResponse(request, template, page.context(), status=status)


def _find_original(request: HttpRequest, user: User) -> OneOffMeeting | None:
    try:
        key = UUID(request.GET.get("duplicate", ""))
    except ValueError:
        return None
    return find_one_off(user, key)
