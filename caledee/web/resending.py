"""Show a refused form's input again, so one click sends it once more.

A form is refused if its CSRF token is missing or outdated, because cookies were cleared or the user signed in again in
another tab, and if the user is signed out. The error page contains the input in a form with a new token and the same
URL. Nothing is stored: the input stays in the browser, even while the user signs in in another tab.

A form from another site is refused and not shown: one click would send it on the visitor's behalf. Secrets are not
sent back either: passwords and codes must be entered again, and a passkey's response is different each time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render

from caledee.web.http import View, is_htmx
from caledee.web.origins import comes_from_here, refers_to_another_site, refuse_another_site

SECRET = re.compile(r"pass|code|credential|secret|token", re.IGNORECASE)
ASKED_AGAIN = {
    "oldpassword": ("Current password", "current-password"),
    "password": ("Password", "current-password"),
    "password1": ("New password", "new-password"),
    "code": ("Code", "one-time-code"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A name and value of a form. `label` describes it, and `autocomplete` is set if it must be entered again."""

    name: str
    value: str
    label: str
    autocomplete: str = ""


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:  # noqa: ARG001 (Django hands it over)
    if refers_to_another_site(request):
        return refuse_another_site(request)
    return _once_more(request, must_sign_in=_must_sign_in(request))


class LoginRequiredKeepingInput(LoginRequiredMiddleware):
    """Redirect to sign-in, but show submitted forms of our own pages again."""

    # Django's annotation allows only a redirect.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: View
    ) -> HttpResponseBase:
        if request.method == "POST" and comes_from_here(request) and any(field.value for field in _typed(request)):
            return _once_more(request, must_sign_in=True)
        return super().handle_no_permission(request, view_func)


def is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def _once_more(request: HttpRequest, *, must_sign_in: bool) -> HttpResponse:
    """Return 403, because nothing was done. htmx ignores 403, so a header makes it replace the whole page."""
    fields = list(_typed(request))
    context = {
        "address": request.get_full_path(),
        "fields": fields,
        "shown": [field for field in fields if field.value.strip()],
        "asked": list(_must_reenter(request)),
        "must_sign_in": must_sign_in,
    }
    response = render(request, "errors/once_more.html", context, status=422 if is_htmx(request) else 403)
    response["Cache-Control"] = "no-store"
    if is_htmx(request):
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML show:window:top"
    return response


def _must_sign_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and getattr(match.func, "login_required", True) and not request.user.is_authenticated


def _typed(request: HttpRequest) -> Iterator[Field]:
    for name, values in _sent(request):
        if not is_secret(name):
            yield from (Field(name, value, _say(name)) for value in values)


def _must_reenter(request: HttpRequest) -> Iterator[Field]:
    for name, values in _sent(request):
        if name in ASKED_AGAIN and any(values):
            label, autocomplete = ASKED_AGAIN[name]
            yield Field(name, "", label, autocomplete)


def _sent(request: HttpRequest) -> list[tuple[str, list[str]]]:
    try:
        return [(name, [str(value) for value in values]) for name, values in request.POST.lists()]
    except UnreadablePostError:
        return []


def _say(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
