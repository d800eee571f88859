"""The creator: one form, sent whole at every step. Only the submit that creates writes anything."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.reader import say_clock
from caledee.timekeeping.zones import local_time
from caledee.web.http import is_htmx
from caledee.web.month_grid import full_date
from oneoff.creator.create import AccountClosed, TimesTaken, create_one_off
from oneoff.creator.draft import (
    TOO_MANY,
    Draft,
    add_day,
    add_time,
    copy_day,
    judged,
    read_draft,
    remove_day,
    remove_time,
)
from oneoff.creator.forms import USUAL_DURATIONS, CreatorForm, StepForm, Switch
from oneoff.creator.page import Shown, first_and_last_day, times_context
from oneoff.creator.times import format_local, join_clocks
from oneoff.models import MOST_PROPOSED_TIMES
from oneoff.permissions import Colleagues, colleagues_of, find_one_off

# The buttons that only change the page. Every other submit creates: that of `create`, and one without any button.
STEPS = {"refresh", "set_duration", "toggle_day", "add_time", "copy_day", "remove_time", "month"}
RARER_FIELDS = ("description", "invitee_name", "invitee_email", "valid_until")


@require_http_methods(["GET", "HEAD", "POST"])
def creator(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    user = signed_in_user(request)
    colleagues = colleagues_of(user)
    if request.method != "POST":
        form = CreatorForm(initial=_initial(request, user, now), colleagues=colleagues, now=now)
        return _page(request, form, _draft(form, [], user, now), _shown_at_first(form, now))
    if not is_htmx(request) and not STEPS & request.POST.keys():
        return _create(request, CreatorForm(request.POST, colleagues=colleagues, now=now), user, now)
    return _step(request, colleagues, user, now)


def _create(request: HttpRequest, form: CreatorForm, user: User, now: datetime) -> HttpResponseBase:
    draft = judged(_draft(form, _times(request.POST), user, now))
    valid = form.is_valid()
    if valid and not draft.has_errors:
        try:
            one_off = create_one_off(
                form.details(),
                draft.starts,
                organizer=form.chosen_organizer,
                cohosts=form.chosen_cohosts,
                created_by=user,
                now=now,
            )
        except TimesTaken:
            draft = judged(_draft(form, _times(request.POST), user, now))
        except AccountClosed as error:
            if user in error.people:
                return redirect_to_login(request.path)
            # Checked again, with those who are left to choose from.
            return _create(request, CreatorForm(request.POST, colleagues=colleagues_of(user), now=now), user, now)
        else:
            return redirect(one_off)
    status = 409 if valid and draft.is_only_taken else 422
    return _page(request, form, draft, _read_step(request.POST, form, now)[1], status=status)


def _step(request: HttpRequest, colleagues: Colleagues, user: User, now: datetime) -> HttpResponseBase:
    """Whatever button but `create` was pressed: the page again, with what the button does and all that was typed."""
    data = request.POST.copy()
    if minutes := data.get("set_duration"):
        data["duration"] = minutes
    form = CreatorForm(data, colleagues=colleagues, now=now)
    step, shown = _read_step(data, form, now)
    draft = _draft(form, _times(data), user, now, _days_named(step, form, now))
    texts, shown = _act(step, draft, shown)
    # Not validated: nothing was submitted yet, so nothing of the form itself is an error yet.
    unbound = CreatorForm(initial=_typed(data), colleagues=colleagues, now=now)
    return _page(request, unbound, judged(draft, texts), shown)


def _act(step: StepForm, draft: Draft, shown: Shown) -> tuple[list[str], Shown]:
    """What the pressed button does, unless it would lead to more times than may be proposed."""
    texts, after = _press(step, draft, shown)
    if len(texts) > max(MOST_PROPOSED_TIMES, len(draft.times)):
        return [time.text for time in draft.times], replace(shown, problem=TOO_MANY)
    return texts, after


def _press(step: StepForm, draft: Draft, shown: Shown) -> tuple[list[str], Shown]:
    first, last = first_and_last_day(draft.organizer, draft.now)
    texts = [time.text for time in draft.times]
    if day := step.day("toggle_day", first=first, last=last):
        if day in draft.days:
            return remove_day(draft, day), replace(shown, announcement=f"{full_date(day)} removed")
        like = shown.last_day if shown.last_day in draft.days else max(draft.days, default=None)
        return add_day(draft, day, like=like), replace(shown, last_day=day, announcement=f"{full_date(day)} added")
    if day := step.day("add_time", first=first, last=last):
        added = add_time(draft, day)
        if added == texts:
            return texts, replace(shown, announcement=f"No free time is left on {full_date(day)}")
        return added, replace(shown, last_day=day, focus=added[-1], announcement=f"{_say_time(added[-1])} added")
    if day := step.day("copy_day", first=first, last=last):
        return copy_day(draft, day), replace(shown, announcement="Copied to the other days")
    index = step.cleaned_data.get("remove_time")
    if index is not None and index < len(draft.times):
        return remove_time(draft, index), replace(
            shown, focus=f"add-{draft.times[index].day}", announcement="Time removed"
        )
    return texts, shown


def _say_time(text: str) -> str:
    """The time of day of a proposed time."""
    return say_clock(datetime.fromisoformat(text).time())


def _page(
    request: HttpRequest, form: CreatorForm, draft: Draft, shown: Shown, *, status: int = 200
) -> HttpResponseBase:
    hold_times = bool(form["hold_times"].value())
    context = times_context(draft, shown, hold_times=hold_times, is_submitted=form.is_bound) | {
        "form": form,
        "usual_durations": [(usual, str(usual) == str(form["duration"].value())) for usual in USUAL_DURATIONS],
        "more_is_open": any(form[name].errors or form[name].value() for name in RARER_FIELDS),
        "step_attributes": format_html('hx-post="{}"', reverse("oneoff:create")),
    }
    template = "oneoff/creator.html#creator-times" if is_htmx(request) else "oneoff/creator.html"
    return TemplateResponse(request, template, context, status=status)


def _draft(form: CreatorForm, texts: list[str], user: User, now: datetime, also_days: tuple[date, ...] = ()) -> Draft:
    return read_draft(
        texts,
        people=form.chosen_people,
        viewer=user,
        duration=form.chosen_duration,
        now=now,
        also_days=also_days,
    )


def _read_step(data: QueryDict, form: CreatorForm, now: datetime) -> tuple[StepForm, Shown]:
    step = StepForm(data)
    step.is_valid()
    first, last = first_and_last_day(form.chosen_organizer, now)
    month = step.day("month", first=first.replace(day=1), last=last)
    month = month or step.day("shown_month", first=first.replace(day=1), last=last) or first
    return step, Shown(month=month, last_day=step.day("last_day", first=first, last=last))


def _times(data: QueryDict) -> list[str]:
    return join_clocks(data.getlist("times"), data.getlist("clock"))


def _days_named(step: StepForm, form: CreatorForm, now: datetime) -> tuple[date, ...]:
    first, last = first_and_last_day(form.chosen_organizer, now)
    days = (step.day(name, first=first, last=last) for name in ("toggle_day", "add_time"))
    return tuple(day for day in days if day)


def _shown_at_first(form: CreatorForm, now: datetime) -> Shown:
    return Shown(month=first_and_last_day(form.chosen_organizer, now)[0])


def _typed(data: QueryDict) -> dict[str, Any]:
    """What was typed, to be shown again as it is."""
    typed: dict[str, Any] = {name: data.get(name, "") for name in CreatorForm.base_fields}
    typed["cohosts"] = data.getlist("cohosts")
    typed["valid_until"] = CreatorForm.base_fields["valid_until"].widget.value_from_datadict(data, {}, "valid_until")
    return typed | {"hold_times": Switch().value_from_datadict(data, None, "hold_times")}


def _initial(request: HttpRequest, user: User, now: datetime) -> dict[str, Any]:
    """A prefilled form: for a teammate (`?organizer=`), or like another one-off (`?duplicate=`), times apart."""
    initial: dict[str, Any] = {"organizer": request.GET.get("organizer", user.handle)}
    try:
        key = UUID(request.GET.get("duplicate", ""))
    except ValueError:
        return initial
    original = find_one_off(user, key)
    valid_until = original.valid_until
    return {
        "organizer": original.organizer.handle,
        "cohosts": [person.handle for person in original.cohosts.all()],
        "name": original.name,
        "duration": original.duration,
        "location_kind": original.location_kind,
        "location": original.location,
        "description": original.description,
        "hold_times": original.hold_times,
        "invitee_name": original.invitee_name,
        "invitee_email": original.invitee_email,
        "valid_until": format_local(local_time(valid_until, original.organizer.zone))
        if valid_until and valid_until > now
        else "",
    }
