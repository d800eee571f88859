"""HTTP helpers for views."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_resolver
from django.utils import timezone

from caledee.limits.counting import seconds_to_wait
from caledee.limits.rates import wrong_link
from caledee.web.views import too_many_requests

View = Callable[..., HttpResponseBase]


def token_page(view: View) -> View:
    """Protect a page with a secret URL (`caledee.web.middleware.protect_secret_urls` adds its headers).

    A client that opens too many wrong links gets 429 for a while. Valid links always work (see
    `caledee.limits.rates`).
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404 as error:
            return _not_found(request, error)

    return wrapper


def is_htmx(request: HttpRequest) -> bool:
    """Return whether htmx requests a part of the page."""
    return bool(getattr(request, "htmx", False))


def refuse_for(request: HttpRequest, seconds: int) -> HttpResponseBase:
    """Return a 429 page, for requests without a form to show again."""
    return retry_after(too_many_requests(request), seconds)


def retry_after[R: HttpResponseBase](response: R, seconds: int, *, status: int = 429) -> R:
    """Turn `response` into one that says how long to wait: of a limit that was reached, or with another status."""
    response.status_code = status
    response["Retry-After"] = str(seconds)
    return response


def _not_found(request: HttpRequest, error: Http404) -> HttpResponseBase:
    if wait := seconds_to_wait(*wrong_link(request), now=timezone.now()):
        return refuse_for(request, wait)
    response: HttpResponseBase = get_resolver().resolve_error_handler(404)(request, exception=error)  # type: ignore[call-arg]
    return response
