"""What views share about HTTP."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_resolver

from caledee.accounts.models import User

View = Callable[..., HttpResponseBase]


def token_page(view: View) -> View:
    """For pages whose address is a secret: it goes to no other site, into no index and into no cache, unless the
    view itself says who may keep it.

    That holds where nothing is found, too: what was there once may still be known to somebody.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            response = get_resolver().resolve_error_handler(404)(request, exception=error)  # type: ignore[call-arg]
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Cache-Control", "no-store")
        return response

    return wrapper


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, to change a part of the page."""
    return bool(getattr(request, "htmx", False))


def signed_in_user(request: HttpRequest) -> User:
    """Who is signed in. LoginRequiredMiddleware has seen to it that somebody is."""
    assert isinstance(request.user, User)
    return request.user
