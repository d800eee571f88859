"""Signing in and up, with the answers that all our forms give: 422 where a field is wrong, 429 after too many tries."""

from typing import Any

from allauth.account import views
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.utils import timezone

from caledee.accounts.adapter import EmailTaken
from caledee.zone_choices import time_zone_options

LOGIN_PAUSE_SECONDS = 300


class LoginView(views.LoginView):
    def form_invalid(self, form: forms.Form) -> HttpResponse:
        context = self.get_context_data(form=form)
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            return self.render_to_response(context, status=429, headers={"Retry-After": str(LOGIN_PAUSE_SECONDS)})
        return self.render_to_response(context, status=422)


class SignupView(views.SignupView):
    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except EmailTaken:
            form.add_error("email", "This e-mail has an account already. Sign in instead.")
            return self.form_invalid(form)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(time_zone_options=time_zone_options(timezone.now()), **context)


login = LoginView.as_view()
signup = SignupView.as_view()
logout = views.logout
