"""The authenticator app, and recovery codes in case it or a passkey is lost."""

import json
from typing import Any

from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as totp_views
from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from caledee.accounts.models import User
from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.sessions import end_other_sessions
from caledee.accounts.signin.views.answers import Answers, mark_refused, recent_login_required


class AuthenticateView(base_views.AuthenticateView):
    """The second step of signing in."""

    template_name = "mfa/authenticate.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        return mark_refused(response, form)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        user = self.stage.login.user
        has_passkey = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
        has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        context = super().get_context_data(**context)
        options = json.dumps(context["js_data"]["request_options"])
        return context | {"has_passkey": has_passkey, "has_app": has_app, "options": options}


class ReauthenticateView(Answers, base_views.ReauthenticateView):
    template_name = "mfa/reauthenticate.html"


class ActivateAppView(Answers, totp_views.ActivateTOTPView):
    template_name = "mfa/app_activate.html"

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except IntegrityError:  # just done in another tab
            return redirect("account_security")
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        context = super().get_context_data(**context)
        secret = context["form"].secret
        return (
            context
            | {
                "qr_code": mark_safe(context["totp_svg"]),  # noqa: S308 (drawn by segno)
                "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            }
        )


class DeactivateAppView(Answers, totp_views.DeactivateTOTPView):
    template_name = "mfa/app_deactivate.html"
    success_url = reverse_lazy("account_security")

    def form_valid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        end_other_sessions(self.request, signed_in_user(self.request))
        return response


class GenerateCodesView(Answers, code_views.GenerateRecoveryCodesView):
    template_name = "mfa/codes_generate.html"


@require_safe
@never_cache
@recent_login_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    codes = _unused_codes(signed_in_user(request))
    return render(request, "mfa/codes.html", {"codes": codes, "download": reverse("mfa_download_recovery_codes")})


@require_safe
@never_cache
@recent_login_required
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    lines = [f"Caledee recovery codes for {user.email}. Each code works once.", "", *_unused_codes(user), ""]
    response = HttpResponse("\r\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="caledee-recovery-codes.txt"'
    return response


def _unused_codes(user: User) -> list[str]:
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if authenticator is None:
        raise Http404
    codes: list[str] = authenticator.wrap().get_unused_codes()
    return codes


authenticate = AuthenticateView.as_view()
reauthenticate = ReauthenticateView.as_view()
activate_app = ActivateAppView.as_view()
deactivate_app = DeactivateAppView.as_view()
generate_codes = GenerateCodesView.as_view()
