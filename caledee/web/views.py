"""The welcome page, the health check and error pages."""

import sys

import psycopg
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from caledee.ops import readiness
from caledee.ops.database_errors import reason_of
from caledee.web.unavailable import log_unavailable, unavailable, why_unavailable

health_log = readiness.HealthLog()

NOT_FOR_ROBOTS = ["/*/o/", "/bookings/", "/invitations/", "/feeds/", "/accounts/", "/admin/", "/settings/"]


@require_safe
@login_not_required
def welcome(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("scheduling:event_types")
    return render(request, "welcome.html", {"signup": settings.SIGNUP})


@require_safe
@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt. It contains no secret, only the paths that secrets begin with."""
    lines = ["User-agent: *", *(f"Disallow: {start}" for start in NOT_FOR_ROBOTS)]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Return whether requests can be served. Details are logged only."""
    try:
        problems, answer = readiness.problems(), "not ready"
    except psycopg.Error as error:
        problems, answer = [f"The database does not respond: {reason_of(error)}."], "the database does not respond"
    health_log.report(problems)
    if problems:
        return HttpResponse(answer, content_type="text/plain", status=503)
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "errors/400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "errors/403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "errors/404.html", status=404)


@login_not_required
def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Respond with 429. allauth uses it for sign-in and sign-up, with limits by the minute."""
    response = render(request, "errors/429.html", status=429)
    response["Retry-After"] = "60"
    return response


@login_not_required
def server_error(request: HttpRequest) -> HttpResponseBase:
    """Respond with 500, or 503 if the database is unavailable to sessions, limits or an error page."""
    if reason := why_unavailable(sys.exc_info()[1]):
        log_unavailable(reason)
        return unavailable(request)
    return render(request, "errors/500.html", status=500)
