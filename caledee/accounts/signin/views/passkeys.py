"""Sign in with a passkey; add, rename and remove passkeys.

The button that starts a request contains the options for the browser. `static/js/passkey.js` passes them on and sends
the browser's response.
"""

import json
from typing import Any

from allauth.account.mixins import NextRedirectMixin
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal.auth import begin_authentication, begin_registration
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.sessions import end_other_sessions
from caledee.accounts.signin.views.answers import Answers, mark_refused


class LoginView(NextRedirectMixin, views.LoginWebAuthnView):
    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return self.show(self.get_form())

    def form_invalid(self, form: Form) -> HttpResponse:
        return mark_refused(self.show(form), form)

    def show(self, form: Form) -> HttpResponse:
        context = self.get_context_data(form=form) | {"options": json.dumps(begin_authentication(None))}
        return render(self.request, "mfa/passkey_login.html", context)


class ReauthenticateView(views.ReauthenticateWebAuthnView):
    template_name = "mfa/passkey_reauthenticate.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        return mark_refused(self.render_to_response(self.get_context_data(form=form)), form)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        made: dict[str, Any] = super().get_context_data(**context)
        form = context.get("form") or self.get_form()
        return made | {"form": form, "options": json.dumps(made["js_data"]["request_options"])}


class AddView(Answers, views.AddWebAuthnView):
    template_name = "mfa/passkey_add.html"

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        options = begin_registration(signed_in_user(self.request), passwordless=True)
        return {"form": context.get("form") or self.get_form(), "options": json.dumps(options), "view": self}


class EditView(Answers, views.EditWebAuthnView):
    template_name = "mfa/passkey_edit.html"
    success_url = reverse_lazy("account_security")


class RemoveView(views.RemoveWebAuthnView):
    http_method_names = ["post"]
    success_url = reverse_lazy("account_security")

    def form_valid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        end_other_sessions(self.request, signed_in_user(self.request))
        return response


login = login_not_required(LoginView.as_view())
reauthenticate = ReauthenticateView.as_view()
add = AddView.as_view()
edit = EditView.as_view()
remove = RemoveView.as_view()
