import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from caledee.ops.logs import HEALTH_CHECK, choose_request_id, log_answer, of_request
from caledee.timekeeping.reader import written_for
from caledee.web.bodies import read_to_end
from caledee.web.browsers import BrowserClock
from caledee.web.views import bad_request, healthz

# URLs that contain a token, and their subpaths. A test compares them with the URL patterns.
SECRET_ADDRESS = re.compile(r"/(?:bookings|invitations|feeds|[A-Za-z0-9-]{3,40}/o)/[A-Za-z0-9]{16,64}(?![A-Za-z0-9])")
ADMIN = "/admin/"
UNSTORABLE = (DataError, ValueError, OverflowError, ValidationError)

logger = logging.getLogger("caledee")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def log_requests(get_response: GetResponse) -> GetResponse:
    """Give each request an id, repeat it in the response and in everything logged, and log the request.

    The id can come from our own proxy. From anyone else, it is ignored.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        offered = request.headers.get("X-Request-ID", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        name = choose_request_id(offered)
        with of_request(name):
            response = get_response(request)
            response["X-Request-ID"] = name
            log_answer(request.method or "", _route(request), response.status_code, started, _size(response))
        return response

    return middleware


def protect_secret_urls(get_response: GetResponse) -> GetResponse:
    """Keep secret URLs out of referrers, search engines and caches, unless the view sets its own caching.

    Applies to every response, including errors and pages that no longer exist: someone may still know the URL.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if SECRET_ADDRESS.match(request.path_info):
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex, nofollow"
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def health_checks_first(get_response: GetResponse) -> GetResponse:
    """Answer health checks first: they use plain http and any host name, and need no other middleware."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info != HEALTH_CHECK:
            return get_response(request)
        response = healthz(request)
        # Other responses get these headers from CommonMiddleware and SecurityMiddleware.
        response["Content-Length"] = len(response.content)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return middleware


def htmx_whole_page_redirect(get_response: GetResponse) -> GetResponse:
    """Redirect the whole page when an htmx request is redirected: a part must not contain a page such as sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "htmx", False) and response.status_code in {301, 302, 303}:
            redirect = HttpResponseClientRedirect(response["Location"])
            redirect.cookies = response.cookies  # messages are stored in one
            return redirect
        return response

    return middleware


def set_reader(get_response: GetResponse) -> GetResponse:
    """Write times on the clock of the signed-in user, or of the browser."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = BrowserClock(request)
        with written_for(request.user, asked):
            response = get_response(request)
        if asked.was_needed:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return middleware


class RefusedAdminQueries:
    """Return 400 if a URL of the admin site contains a value that no column can store, such as NUL.

    Django passes lookups in the query string to the database unchecked. Elsewhere such an error is a bug. In case it
    is one here, its traceback is logged.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        is_staff = getattr(request.user, "is_staff", False)
        if is_staff and request.path_info.startswith(ADMIN) and isinstance(exception, UNSTORABLE):
            logger.warning("The admin site refused a request", exc_info=exception)
            return bad_request(request, exception)
        return None


def read_refused_body(get_response: GetResponse) -> GetResponse:
    """Read a refused body (too large or malformed) to its end."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code >= 400:
            with suppress(UnreadablePostError):
                read_to_end(request.read)
        return response

    return middleware


def _route(request: HttpRequest) -> str | None:
    """Return the URL pattern, never the URL: it can contain secrets."""
    if request.path_info == HEALTH_CHECK:
        return "healthz"
    if request.resolver_match is not None:
        return request.resolver_match.route
    return "static/" if request.path.startswith(settings.STATIC_URL) else None


def _size(response: HttpResponseBase) -> int | None:
    if isinstance(response, HttpResponse):
        return len(response.content)
    length = response.get("Content-Length", "")
    return int(length) if length.isdecimal() else None
