"""Respond with 503 while the database is unavailable or too slow, and keep the input of forms."""

import logging
from collections.abc import Callable
from contextvars import ContextVar

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from psycopg import errors

from caledee.ops.logs import mask

RETRY_AFTER = "60"  # seconds
WAITED_TOO_LONG = (errors.LockNotAvailable, errors.QueryCanceled)
# SQLSTATE classes: connection, exhausted resources, a server that stops or starts, serialization conflicts, and idle
# transactions. Any other error is a bug and is handled as one.
PASSING = ("08", "53", "57P", "40", "25P03")
BUSY = (
    "Caledee is very busy at the moment, so nothing was changed. Your details are still here; try again in a minute."
)

logger = logging.getLogger("caledee.database")

# Whether the form of this request can be shown again with its input, and whether it must be.
_has_form: ContextVar[bool] = ContextVar("has_form", default=False)
_is_refused: ContextVar[bool] = ContextVar("is_refused", default=False)


def why_unavailable(error: BaseException | None) -> str | None:
    """Return a line for the log, or None if the database is not the cause."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or isinstance(cause, WAITED_TOO_LONG):
        return f"{type(cause or error).__name__}"
    if cause.sqlstate is None:
        return mask(str(cause).strip().partition("\n")[0])[:300]
    return type(cause).__name__ if cause.sqlstate.startswith(PASSING) else None


def is_form_refused() -> bool:
    """Return whether a submitted form must fail with BUSY. Forms ask this when they are validated."""
    _has_form.set(True)
    return _is_refused.get()


def unavailable(request: HttpRequest, *, keeps_form: bool = False) -> HttpResponse:
    """Return a page that needs no database. With `keeps_form`, it can send the form again, without passwords."""
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


class KeepFormInput:
    """Middleware, the innermost one: show a submitted form again if the database fails in its view.

    Calls the view once more while every form is invalid: each one shows its own page as for any other error, and
    writes nothing.
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
