"""What the pages of codes that were sent by email share: each attempt is counted before it is judged.

allauth counts wrong codes in the session, after judging: of many attempts at once most would be judged. Here one
statement counts each, whatever RATE_LIMITS says. A code in use is known by when it was asked for, and for what.
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

CODE_GONE = "That code was used or has expired. Ask for a new one."
CODE_SPENT = "You entered a wrong code too many times. Ask for a new one."


class EmailedCode:
    """To be named before the view of allauth. `attempt` is the number of this one."""

    request: HttpRequest
    attempt = 0

    def code_process(self) -> AbstractCodeVerificationProcess:
        raise NotImplementedError

    def is_attempt(self) -> bool:
        """Whether what was sent is a code."""
        return True

    def ask_again(self, reason: str) -> HttpResponse:
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
        return self.ask_again(CODE_SPENT)


def say_and_lead(request: HttpRequest, reason: str, name: str) -> HttpResponse:
    messages.error(request, reason)
    return redirect(name)


def _count(process: AbstractCodeVerificationProcess) -> int:
    limit = Limit("emailed_code", process.max_attempts, timedelta(seconds=process.timeout))
    state = process.state
    whose = (type(process).__name__, str(state.get("user_id")), str(state.get("email")), repr(state["at"]))
    return count_attempt(Counted(limit, whose), now=timezone.now())
