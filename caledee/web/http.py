"""What views share about HTTP."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_resolver
from django.utils import timezone

from caledee.limits.counting import seconds_to_wait
from caledee.limits.rates import wrong_link
from caledee.web.views import too_many_requests

View = Callable[..., HttpResponseBase]

LONGEST_IN_MINUTES = 120


def token_page(view: View) -> View:
    """For pages whose address is a secret (what is said with them is `caledee.web.middleware.keep_secret_addresses`).

    Who asks too often for what is not there hears so for a while; what is there is shown all the same (see
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
    """Whether htmx asks, to change a part of the page."""
    return bool(getattr(request, "htmx", False))


def refuse_for(request: HttpRequest, seconds: int) -> HttpResponseBase:
    """A page of its own, for what has no form to show again."""
    return retry_after(too_many_requests(request), seconds)


def retry_after[R: HttpResponseBase](response: R, seconds: int) -> R:
    """`response` as the answer to one try too many: 429 until so many seconds have passed."""
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    return response


def say_wait(seconds: int) -> str:
    """`a minute`, `90 minutes`, `5 hours`: never less than it is."""
    minutes = -(-seconds // 60)
    if minutes > LONGEST_IN_MINUTES:
        return f"{-(-minutes // 60)} hours"
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _not_found(request: HttpRequest, error: Http404) -> HttpResponseBase:
    if wait := seconds_to_wait(*wrong_link(request), now=timezone.now()):
        return refuse_for(request, wait)
    response: HttpResponseBase = get_resolver().resolve_error_handler(404)(request, exception=error)  # type: ignore[call-arg]
    return response
