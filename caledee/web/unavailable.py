"""When the database is away, or makes somebody wait too long: 503, and nothing that was typed is lost."""

import logging
from collections.abc import Callable
from contextvars import ContextVar

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from psycopg import errors

from caledee.ops.logs import blot

RETRY_AFTER = "60"  # seconds
WAITED_TOO_LONG = (errors.LockNotAvailable, errors.QueryCanceled)
# Classes of SQLSTATE: the connection, resources such as free connections, a server that stops or starts, a transaction
# that stood in the way of another, or was idle for too long. Anything else is a fault, and answered as one.
PASSING = ("08", "53", "57P", "40", "25P03")
BUSY = (
    "Caledee is very busy at the moment, so nothing was changed. Your details are still here; try again in a minute."
)

logger = logging.getLogger("caledee.database")

# Whether a form of this request can be shown again with what was typed; and whether it is to be, because of all this.
_has_form: ContextVar[bool] = ContextVar("has_form", default=False)
_is_refused: ContextVar[bool] = ContextVar("is_refused", default=False)


def why_unavailable(error: BaseException | None) -> str | None:
    """One line for the log; None where the database is well, and the error is another."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or isinstance(cause, WAITED_TOO_LONG):
        return f"{type(cause or error).__name__}"
    if cause.sqlstate is None:
        return blot(str(cause).strip().partition("\n")[0])[:300]
    return type(cause).__name__ if cause.sqlstate.startswith(PASSING) else None


def is_form_refused() -> bool:
    """A form that was sent asks this when it is checked; it must say BUSY and be wrong where it is."""
    _has_form.set(True)
    return _is_refused.get()


def unavailable(request: HttpRequest, *, keeps_form: bool = False) -> HttpResponse:
    """A page that needs no database. `keeps_form` lets it send the same form again, passwords apart."""
    fields = [
        (name, value)
        for name, values in (request.POST.lists() if keeps_form and request.method == "POST" else ())
        for value in values
        if "password" not in name.lower()
    ]
    response = render(request, "errors/503.html", {"fields": fields, "address": request.get_full_path()}, status=503)
    return say_when(response)


def say_when[R: HttpResponseBase](response: R) -> R:
    response.status_code = 503
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


def log_unavailable(reason: str) -> None:
    logger.warning("The database is not available: %s", reason)


class KeepWhatWasTyped:
    """Middleware, the innermost. Where the database lets a view down, the form that was sent comes back.

    The view is asked once more, while every form says that it is wrong: so each shows its own page again, as for any
    other mistake, and writes nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _has_form.set(False)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        reason = why_unavailable(exception)
        if reason is None:
            return None
        log_unavailable(reason)
        waited = isinstance(exception.__cause__, WAITED_TOO_LONG)
        again = _show_form_again(request) if waited and _has_form.get() else None
        return again or unavailable(request, keeps_form=True)


def _show_form_again(request: HttpRequest) -> HttpResponseBase | None:
    match = request.resolver_match
    if request.method != "POST" or match is None:
        return None
    token = _is_refused.set(True)
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except (OperationalError, InterfaceError):
        return None
    finally:
        _is_refused.reset(token)
    return say_when(response) if response.status_code == 422 else None
