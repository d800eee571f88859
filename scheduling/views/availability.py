"""The working hours page. Every button sends the whole form, but only Save writes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.requests import signed_in_user
from caledee.timekeeping.reader import present_clock, present_week_start
from caledee.timekeeping.wording import say_zone
from caledee.web.http import is_htmx
from scheduling.availability.schedules import save_schedule
from scheduling.availability.slots import read_working_hours
from scheduling.forms.availability import ScheduleForm
from scheduling.forms.schedule_draft import edit_draft
from scheduling.pages.week import read_week


@require_http_methods(["GET", "HEAD", "POST"])
def availability(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    stored = read_working_hours(user)
    if request.method != "POST":
        return _page(request, ScheduleForm(stored=stored, now=now))
    if step := request.POST.get("step"):
        form = ScheduleForm.on_its_way(request.POST, stored=stored, now=now)
        edit_draft(form.draft, step)
        return _page(request, form, is_changed=True)
    form = ScheduleForm(request.POST, stored=stored, now=now)
    if not form.is_valid():
        return _page(request, form, is_changed=True, status=422)
    save_schedule(user, form.working_hours())
    messages.success(request, "Your hours were saved. Existing bookings stay as they are.")
    return redirect("scheduling:availability")


def _page(
    request: HttpRequest, form: ScheduleForm, *, is_changed: bool = False, status: int = 200
) -> HttpResponseBase:
    first = present_week_start()
    days = form.draft.week[first:] + form.draft.week[:first]
    context: dict[str, object] = {
        "form": form,
        "draft": form.draft,
        "days": days,
        "is_changed": is_changed,
        "clock": present_clock(),
    }
    if is_htmx(request):
        return TemplateResponse(request, "availability/hours.html#hours", context, status=status)
    context |= {
        "week": read_week(signed_in_user(request), form.stored, now=form.now),
        "zone": say_zone(form.stored.zone),
    }
    return TemplateResponse(request, "availability/hours.html", context, status=status)
