"""Reset a forgotten password with a code. Unknown addresses get the same pages, but no email."""

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
from caledee.accounts.signin.views.emailed_codes import CODE_GONE, EmailedCode, redirect_with_message
from caledee.limits.counting import Counted
from caledee.limits.mailboxes import take_place
from caledee.limits.rates import CODES_IN_A_KNOWN_BROWSER, code_request


class ResetPasswordView(Limited, views.PasswordResetView):
    template_name = "account/password_reset.html"

    def limits(self) -> list[Counted]:
        """Limit codes. Strangers cannot use up those of the owner's browser."""
        address = self.request.POST.get("email", "").strip().lower()
        browser = known_browser(self.request, address, Proven.PASSWORD)
        if browser is not None:
            return [Counted(CODES_IN_A_KNOWN_BROWSER, (address, browser))]
        return code_request(self.request)

    def form_valid(self, form: ResetPasswordForm) -> HttpResponse:
        if not form.users:
            # Nothing is sent to an unknown address. Count it anyway, to not reveal this.
            take_place(form.cleaned_data["email"], now=timezone.now())
        response: HttpResponse = super().form_valid(form)
        return response


class ConfirmResetView(EmailedCode, Answers, views.ConfirmPasswordResetCodeView):
    template_name = "account/password_reset_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_stale_reset(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else self.request_new_code(CODE_GONE)

    def code_process(self) -> AbstractCodeVerificationProcess:
        return self._process

    def request_new_code(self, reason: str) -> HttpResponse:
        return redirect_with_message(self.request, reason, "account_reset_password")


class CompleteResetView(Answers, views.CompletePasswordResetView):
    template_name = "account/password_reset_complete.html"
    success_url = reverse_lazy("account_login")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_stale_reset(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else redirect_with_message(request, CODE_GONE, "account_reset_password")

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        # The owner of the mailbox is not affected by guesses of strangers.
        remember_browser(self.request, response, self._process.user.email, Proven.PASSWORD)
        return response


def forget_stale_reset(request: HttpRequest) -> None:
    """Drop a reset whose address no longer belongs to the account."""
    process = PasswordResetVerificationProcess.resume(request)
    if process and process.user and process.user.email.lower() != process.state["email"].lower():
        process.abort()


reset_password = login_not_required(ResetPasswordView.as_view())
confirm_reset = login_not_required(ConfirmResetView.as_view())
complete_reset = login_not_required(CompleteResetView.as_view())
