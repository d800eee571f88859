"""A new password for who has forgotten theirs, by a code. Unknown addresses get the same pages, and no mail."""

from typing import Any

from allauth.account import views
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils import timezone

from caledee.accounts.signin.forms import ResetPasswordForm
from caledee.accounts.signin.known_browsers import Proven, known_browser, remember_browser
from caledee.accounts.signin.views.answers import Answers, Limited
from caledee.accounts.signin.views.emailed_codes import CODE_GONE, EmailedCode, say_and_lead
from caledee.limits.counting import Counted
from caledee.limits.mailboxes import take_place
from caledee.limits.rates import CODES_IN_A_KNOWN_BROWSER, asked_code


class ResetPasswordView(Limited, views.PasswordResetView):
    template_name = "account/password_reset.html"

    def limits(self) -> list[Counted]:
        """Strangers can use up the codes to an address, but not those of its owner's browser."""
        address = self.request.POST.get("email", "").strip().lower()
        browser = known_browser(self.request, address, Proven.PASSWORD)
        if browser is not None:
            return [Counted(CODES_IN_A_KNOWN_BROWSER, (address, browser))]
        return asked_code(self.request)

    def form_valid(self, form: ResetPasswordForm) -> HttpResponse:
        if not form.users:
            # Nothing is sent, but it counts as it does for an account: how much room is left tells nothing.
            take_place(form.cleaned_data["email"], now=timezone.now())
        response: HttpResponse = super().form_valid(form)
        return response


class ConfirmResetView(EmailedCode, Answers, views.ConfirmPasswordResetCodeView):
    template_name = "account/password_reset_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_stale_reset(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else self.ask_again(CODE_GONE)

    def code_process(self) -> AbstractCodeVerificationProcess:
        return self._process

    def ask_again(self, reason: str) -> HttpResponse:
        return say_and_lead(self.request, reason, "account_reset_password")


class CompleteResetView(Answers, views.CompletePasswordResetView):
    template_name = "account/password_reset_complete.html"
    success_url = reverse_lazy("account_login")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_stale_reset(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else say_and_lead(request, CODE_GONE, "account_reset_password")

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        # Whoever owns the mailbox is not kept out by what strangers have guessed.
        remember_browser(self.request, response, self._process.user.email, Proven.PASSWORD)
        return response


def forget_stale_reset(request: HttpRequest) -> None:
    """A code opens the account only while its address still is the account's."""
    process = PasswordResetVerificationProcess.resume(request)
    if process and process.user and process.user.email.lower() != process.state["email"].lower():
        process.abort()


reset_password = login_not_required(ResetPasswordView.as_view())
confirm_reset = login_not_required(ConfirmResetView.as_view())
complete_reset = login_not_required(CompleteResetView.as_view())
