"""What allauth's views of forms get from us: 422 where a field is wrong, 429 after too many tries."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.decorators import rate_limit
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from caledee.http import View, refuse_for, retry_after, say_wait
from caledee.limits.counting import Counted, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull

# How long allauth remembers failed tries to sign in, and wrong codes.
PAUSE_SECONDS = 300
TOO_MANY = {"too_many_login_attempts", "rate_limited"}
TOO_OFTEN = "There were too many tries. Nothing you typed is lost: try again in {}."
MAILBOX_FULL = (
    "This address has been sent many emails from Caledee recently, so it gets no more for now. Nothing you typed is "
    "lost: try again in {}."
)


class Answers:
    """To be named before the view of allauth."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        except MailboxFull as full:
            return self.mailbox_full(request, full.wait)
        return response

    def mailbox_full(self, request: HttpRequest, wait: int) -> HttpResponseBase:
        """No email could be sent, so nothing has been done."""
        return refuse_for(request, wait)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        return mark_refused(response, form)


class Limited(Answers):
    """With a limit on what is posted. The form comes back as it was typed, before anything has been done with it."""

    def limits(self) -> list[Counted]:
        raise NotImplementedError

    def mailbox_full(self, request: HttpRequest, wait: int) -> HttpResponseBase:  # noqa: ARG002
        form = self.get_form()  # type: ignore[attr-defined]
        return retry_after(self.form_invalid(too_often(form, wait, MAILBOX_FULL)), wait)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if wait := seconds_to_wait(*self.limits(), now=timezone.now()):
            form = self.get_form()  # type: ignore[attr-defined]
            return retry_after(self.form_invalid(too_often(form, wait)), wait)
        return super().post(request, *args, **kwargs)


def too_often[F: forms.BaseForm](form: F, wait: int, words: str = TOO_OFTEN) -> F:
    form.add_error(None, words.format(say_wait(wait)))
    return form


def who_is_known(view: View) -> View:
    """The page is seen by who has typed their password, or used their passkey, in the last five minutes."""
    wrapped: View = reauthentication_required(app="allauth.account")(view)
    return wrapped


def few_times(view: View) -> View:
    """Mails are sent from the page: ten times a minute and person at most."""
    wrapped: View = rate_limit(action="manage_email")(view)
    return wrapped


def mark_refused(response: HttpResponse, form: forms.BaseForm) -> HttpResponse:
    if is_one_too_many(form):
        response.status_code = 429
        response["Retry-After"] = str(PAUSE_SECONDS)
    else:
        response.status_code = 422
    return response


def is_one_too_many(form: forms.BaseForm) -> bool:
    codes: set[Any] = {error.code for errors in form.errors.as_data().values() for error in errors}
    return not codes.isdisjoint(TOO_MANY)
