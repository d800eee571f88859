"""Settings, downloads of one's data, and deleting the account."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caledee.account_pages.deletion import SoleOwner, close_account, consequences_for
from caledee.account_pages.deletion_form import DeleteAccountForm
from caledee.account_pages.export import all_meetings, collect_data
from caledee.account_pages.settings import save_settings
from caledee.account_pages.settings_form import SettingsForm
from caledee.accounts.handles.register import HandleTaken
from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.views.answers import second_step_required, seconds_of
from caledee.web.http import retry_after
from scheduling.availability.schedules import zone_of_hours
from scheduling.feeds.ical import write_calendar

SAVED = "Your settings have been saved."
DELETED = "Your account has been deleted. Everyone you had upcoming meetings with is notified by email."


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponseBase:
    person, now = signed_in_user(request), timezone.now()
    data = request.POST if request.method == "POST" else None
    form = SettingsForm(data, person=person, hours_zone=zone_of_hours(person), now=now)
    if form.is_valid():
        try:
            save_settings(person, form.settings(), move_hours=form.moves_hours, now=now)
        except HandleTaken as error:
            form.add_error("handle", error.obstacle)
        else:
            messages.success(request, SAVED)
            return redirect("account_pages:settings")
    context = {
        "form": form,
        "before_handle": f"{settings.BASE_URL}/",
        "booking_page": f"{settings.BASE_URL}{person.get_absolute_url()}",
    }
    return TemplateResponse(request, "settings/settings.html", context, status=422 if form.errors else 200)


@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    meetings = all_meetings(signed_in_user(request)).count()
    return TemplateResponse(request, "settings/data.html", {"meetings": meetings})


@require_safe
@never_cache
def data_file(request: HttpRequest) -> HttpResponseBase:
    collected = collect_data(signed_in_user(request), now=timezone.now())
    response = JsonResponse(collected, DjangoJSONEncoder, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="caledee.json"'
    return response


@require_safe
@never_cache
def meetings_file(request: HttpRequest) -> HttpResponseBase:
    bookings = all_meetings(signed_in_user(request))
    if not bookings.exists():
        raise Http404
    link = f"{settings.BASE_URL}/meetings/"
    content = write_calendar(
        bookings.prefetch_related("cohosts").iterator(chunk_size=500), now=timezone.now(), link=link
    )
    response = StreamingHttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meetings.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@second_step_required
def delete_account(request: HttpRequest) -> HttpResponseBase:
    person, now = signed_in_user(request), timezone.now()
    if request.method != "POST":
        return _ask_to_delete(request, person, DeleteAccountForm(person=person), now)
    form = DeleteAccountForm(request.POST, person=person)
    if not form.is_valid():
        page = _ask_to_delete(request, person, form, now, status=422)
        wait = seconds_of(form)
        return retry_after(page, wait) if wait else page
    try:
        close_account(person, now=now)
    except SoleOwner:
        return _ask_to_delete(request, person, form, now, status=409)
    logout(request)
    messages.success(request, DELETED)
    return redirect("welcome")


def _ask_to_delete(
    request: HttpRequest, person: User, form: DeleteAccountForm, now: datetime, *, status: int = 200
) -> HttpResponseBase:
    context = {"form": form, "consequences": consequences_for(person, now=now)}
    return TemplateResponse(request, "settings/delete.html", context, status=status)
