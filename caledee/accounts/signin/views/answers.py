"""Response codes of allauth's form views: 422 for invalid input, 429 for too many attempts."""

from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from allauth.decorators import rate_limit
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.attempts import TOO_MANY
from caledee.limits.counting import Counted, LimitReached, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull
from caledee.web.http import View, refuse_for, retry_after

# For limits that allauth still checks itself, with its own error codes.
PAUSE_SECONDS = 60
LIMITS_OF_ALLAUTH = {"too_many_login_attempts", "rate_limited"}
KEPT = "Your details are still here; try again in {}."


class Answers:
    """Set response codes. Put it before allauth's view in the bases."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        except MailboxFull as full:
            return self.mailbox_full(request, full)
        return response

    def mailbox_full(self, request: HttpRequest, full: MailboxFull) -> HttpResponseBase:
        """Respond if the mailbox has no room. No email was sent and nothing was done."""
        return refuse_for(request, full.wait)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        return mark_refused(response, form)


class Limited(Answers):
    """Limit posts. Shows the form with its input before anything is done."""

    def limits(self) -> list[Counted]:
        raise NotImplementedError

    def mailbox_full(self, request: HttpRequest, full: MailboxFull) -> HttpResponseBase:  # noqa: ARG002
        form = self.get_form()  # type: ignore[attr-defined]
        return retry_after(self.form_invalid(too_often(form, full)), full.wait)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if wait := seconds_to_wait(*self.limits(), now=timezone.now()):
            form = self.get_form()  # type: ignore[attr-defined]
            return retry_after(self.form_invalid(too_often(form, LimitReached(wait))), wait)
        return super().post(request, *args, **kwargs)


def too_often[F: forms.BaseForm](form: F, reached: LimitReached) -> F:
    form.add_error(None, reached.say(KEPT))
    return form


def recent_login_required(view: View) -> View:
    """Require a password or passkey within the last five minutes."""
    wrapped: View = reauthentication_required(app="allauth.account")(view)
    return wrapped


def rate_limited_emails(view: View) -> View:
    """Limit a page that sends emails to ten requests a minute and user."""
    wrapped: View = rate_limit(action="manage_email")(view)
    return wrapped


def second_step_required(view: View) -> View:
    """Require a second step, if the user has one, before a form that asks only for the password.

    An expired form redirects to the page, without its input: it contains a password, which must not be stored in the
    session.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not is_mfa_enabled(signed_in_user(request)) or did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            messages.error(request, "Nothing was changed. Confirm your identity, then try again.")
            return redirect(request.path)
        raise ReauthenticationRequired

    return wrapper


def mark_refused(response: HttpResponse, form: forms.BaseForm) -> HttpResponse:
    wait = seconds_of(form)
    if wait:
        return retry_after(response, wait)
    response.status_code = 422
    return response


def seconds_of(form: forms.BaseForm) -> int:
    """Return how many seconds the form refuses attempts, or 0 if it checked this one."""
    errors = [error for errors in form.errors.as_data().values() for error in errors]
    waits = [int(error.params["wait"]) for error in errors if error.code == TOO_MANY and error.params]
    waits += [PAUSE_SECONDS for error in errors if error.code in LIMITS_OF_ALLAUTH]
    return max(waits, default=0)
