"""Signing in and up, answering as all our forms do: 422 where a field is wrong, 429 after too many tries."""

from typing import Any

from allauth.account import views
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.utils import timezone

from caledee.accounts.adapter import AccountAdapter, EmailTaken
from caledee.zone_choices import time_zone_options

# How long allauth remembers failed tries to sign in.
LOGIN_PAUSE_SECONDS = 300


class LoginView(views.LoginView):
    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            response.status_code = 429
            response["Retry-After"] = str(LOGIN_PAUSE_SECONDS)
        else:
            response.status_code = 422
        return response


class SignupView(views.SignupView):
    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except EmailTaken:
            form.add_error("email", AccountAdapter.error_messages["email_taken"])
            return self.form_invalid(form)
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        options = time_zone_options(timezone.now())
        return {**super().get_context_data(**context), "time_zone_options": options}


login = LoginView.as_view()
signup = SignupView.as_view()
logout = views.logout
