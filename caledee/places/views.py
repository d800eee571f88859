"""Views to search for a time zone and to choose a clock, for everyone, signed in or not."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from caledee.places.forms import LONGEST_TEXT, answer_rows, choice_name
from caledee.timekeeping.clock import Clock
from caledee.web.browsers import remember_clock
from caledee.web.http import is_htmx
from caledee.web.origins import public_form

FIELD = "time_zone"


@require_safe
@login_not_required
def time_zones(request: HttpRequest) -> HttpResponse:
    """Return matches as rows of radio buttons, or as a full page without htmx."""
    typed = request.GET.get(FIELD, "")[:LONGEST_TEXT]
    answers, rows = answer_rows(typed, now=timezone.now())
    context = {"answers": (answers, rows), "typed": typed}
    if is_htmx(request):
        return TemplateResponse(
            request, "places/time_zones.html#answers", context | {"choice_name": choice_name(FIELD)}
        )
    return TemplateResponse(request, "places/time_zones.html", context)


@require_POST
@login_not_required
@public_form
def choose_clock(request: HttpRequest) -> HttpResponse:
    """Store the clock preference in this browser and return to the previous page."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    response = HttpResponseRedirect(back if safe else "/")
    clock = request.POST.get("clock", "")
    return remember_clock(response, Clock(clock)) if clock in Clock.values else response
