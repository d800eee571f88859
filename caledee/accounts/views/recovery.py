"""A new password for who has forgotten theirs, by a code. Unknown addresses get the same pages, and no mail."""

from typing import Any

from allauth.account import views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone

from caledee.accounts.forms import ResetPasswordForm
from caledee.accounts.views.answers import Answers, Limited, mark_refused
from caledee.accounts.views.entrance import CODE_GONE, CODE_SPENT
from caledee.limits.counting import Counted
from caledee.limits.mailboxes import take_place
from caledee.limits.rates import asked_code


class ResetPasswordView(Limited, views.PasswordResetView):
    template_name = "account/password_reset.html"

    def limits(self) -> list[Counted]:
        return asked_code(self.request)

    def form_valid(self, form: ResetPasswordForm) -> HttpResponse:
        if not form.users:
            # Nothing is sent, but it counts as it does for an account: how much room is left tells nothing.
            take_place(form.cleaned_data["email"], now=timezone.now())
        response: HttpResponse = super().form_valid(form)
        return response


class ConfirmResetView(views.ConfirmPasswordResetCodeView):
    template_name = "account/password_reset_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else _ask_again(request, CODE_GONE)

    def form_invalid(self, form: Form) -> HttpResponse:
        if self._process.record_invalid_attempt():
            return mark_refused(self.render_to_response(self.get_context_data(form=form)), form)
        return _ask_again(self.request, CODE_SPENT)


class CompleteResetView(Answers, views.CompletePasswordResetView):
    template_name = "account/password_reset_complete.html"
    success_url = reverse_lazy("account_login")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response if self._process else _ask_again(request, CODE_GONE)

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


def _ask_again(request: HttpRequest, reason: str) -> HttpResponse:
    messages.error(request, reason)
    return redirect("account_reset_password")


reset_password = login_not_required(ResetPasswordView.as_view())
confirm_reset = login_not_required(ConfirmResetView.as_view())
complete_reset = login_not_required(CompleteResetView.as_view())
