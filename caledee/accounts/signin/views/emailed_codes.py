"""Shared code for pages with emailed codes: each attempt counts before it is checked.

allauth counts wrong codes in the session after checking them, which would allow many simultaneous attempts. Here one
statement counts each attempt, even if RATE_LIMITS is off. A code is identified by its purpose and the time it was
sent.
"""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from caledee.accounts.signin.views.answers import mark_refused
from caledee.limits.counting import Counted, Limit, count_attempt

CODE_GONE = "This code has expired or was already used. Request a new one."
CODE_SPENT = "Too many incorrect codes. Request a new one."


class EmailedCode:
    """Put it before allauth's view in the bases. `attempt` is the number of the current attempt."""

    request: HttpRequest
    attempt = 0

    def code_process(self) -> AbstractCodeVerificationProcess:
        raise NotImplementedError

    def is_attempt(self) -> bool:
        """Return whether the form contains a code."""
        return True

    def request_new_code(self, reason: str) -> HttpResponse:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.is_attempt():
            self.attempt = _count(self.code_process())
            if self.attempt > self.code_process().max_attempts:
                return self.spent()
        response: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if self.attempt >= self.code_process().max_attempts:
            return self.spent()
        page: HttpResponse = self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
        return mark_refused(page, form)

    def spent(self) -> HttpResponse:
        self.code_process().abort()
        return self.request_new_code(CODE_SPENT)


def redirect_with_message(request: HttpRequest, reason: str, name: str) -> HttpResponse:
    messages.error(request, reason)
    return redirect(name)


def _count(process: AbstractCodeVerificationProcess) -> int:
    limit = Limit("emailed_code", process.max_attempts, timedelta(seconds=process.timeout))
    state = process.state
    whose = (type(process).__name__, str(state.get("user_id")), str(state.get("email")), repr(state["at"]))
    return count_attempt(Counted(limit, whose), now=timezone.now())
