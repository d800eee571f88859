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

# The addresses in which a token stands, and what goes on after it. A test compares them with the URLs.
SECRET_ADDRESS = re.compile(r"/(?:bookings|invitations|feeds|[A-Za-z0-9-]{3,40}/o)/[A-Za-z0-9]{16,64}(?![A-Za-z0-9])")
ADMIN = "/admin/"
UNSTORABLE = (DataError, ValueError, OverflowError, ValidationError)

logger = logging.getLogger("caledee")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def named_and_logged(get_response: GetResponse) -> GetResponse:
    """Each request has a name, which its answer and all that is logged meanwhile repeat; then it is logged itself.

    A proxy of the installation's own may name it; from anybody else a name is not taken.
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


def keep_secret_addresses(get_response: GetResponse) -> GetResponse:
    """An address that is a secret goes to no other site, into no index and into no cache, unless the view itself says
    who may keep the answer.

    Whatever is answered, and whoever answers: of a refused method or form, too, and where nothing is found. What was
    there once may still be known to somebody.
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
    """They come from inside, by plain http and under any host name, and need nothing that the others do."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info != HEALTH_CHECK:
            return get_response(request)
        response = healthz(request)
        # As CommonMiddleware and SecurityMiddleware do for the others.
        response["Content-Length"] = len(response.content)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return middleware


def htmx_whole_page_redirect(get_response: GetResponse) -> GetResponse:
    """An htmx request that is redirected moves the whole page: a part never holds another page, such as sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "htmx", False) and response.status_code in {301, 302, 303}:
            redirect = HttpResponseClientRedirect(response["Location"])
            redirect.cookies = response.cookies  # messages travel in one
            return redirect
        return response

    return middleware


def written_for_the_reader(get_response: GetResponse) -> GetResponse:
    """Pages show times on the clock of the person who is signed in, or else on that of the browser."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = BrowserClock(request)
        with written_for(request.user, asked):
            response = get_response(request)
        if asked.was_needed:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return middleware


class RefusedAdminQueries:
    """Answer 400 where an address of the admin site asks for a value that no column can hold, such as one with a NUL.

    Django passes lookups from the query string to the database as they are. Elsewhere such an error is a fault, and in
    case it is one here, its traceback is logged.
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
    """A body that was refused, too large or malformed, is read to its end all the same."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code >= 400:
            with suppress(UnreadablePostError):
                read_to_end(request.read)
        return response

    return middleware


def _route(request: HttpRequest) -> str | None:
    """The pattern of the address, never the address: there are secrets in those."""
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
