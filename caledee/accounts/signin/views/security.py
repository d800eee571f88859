"""Sign-in and security settings."""

from allauth.account import views
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.forms import ChangeEmailForm
from caledee.accounts.signin.views.answers import (
    Answers,
    rate_limited_emails,
    recent_login_required,
    second_step_required,
    too_often,
)
from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.mailboxes import MailboxFull
from caledee.limits.rates import code_request
from caledee.timekeeping.wording import say_date
from caledee.web.http import retry_after


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    authenticators = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    by_type = {kind: [each for each in authenticators if each.type == kind] for kind in Authenticator.Type}
    codes = by_type[Authenticator.Type.RECOVERY_CODES]
    return render(
        request,
        "account/security.html",
        {
            "has_password": user.has_usable_password(),
            "passkeys": [
                {
                    "pk": passkey.pk,
                    "name": passkey.wrap().name,
                    "added": say_date(passkey.created_at, user.zone),
                    "used": say_date(passkey.last_used_at, user.zone) if passkey.last_used_at else "",
                }
                for passkey in by_type[Authenticator.Type.WEBAUTHN]
            ],
            "has_app": bool(by_type[Authenticator.Type.TOTP]),
            "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
        },
    )


@require_safe
def redirect_to_security(_request: HttpRequest) -> HttpResponse:
    """Redirect from pages that allauth has and we don't."""
    return redirect("account_security")


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited_emails
@recent_login_required
def change_email(request: HttpRequest) -> HttpResponse:
    """Change the email. Nothing changes until the code from the new address is entered."""
    form = ChangeEmailForm(data=request.POST if request.method == "POST" else None, user=signed_in_user(request))
    if form.is_bound and (wait := seconds_to_wait(*code_request(request), now=timezone.now())):
        form = too_often(form, LimitReached(wait))
        return retry_after(render(request, "account/email_change.html", {"form": form}), wait)
    if form.is_valid():
        try:
            form.save(request)
        except MailboxFull as full:
            form = too_often(form, full)
            return retry_after(render(request, "account/email_change.html", {"form": form}), full.wait)
        return redirect("account_email_verification_sent")
    return render(request, "account/email_change.html", {"form": form}, status=422 if form.is_bound else 200)


class ChangePasswordView(Answers, views.PasswordChangeView):
    """Change the password. Django ends other sessions by their hash, and allauth keeps the current one."""

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


class SetPasswordView(Answers, views.PasswordSetView):
    """Set the first password of an account that an admin created without one."""

    template_name = "account/password_change.html"


class ReauthenticateView(Answers, views.ReauthenticateView):
    pass


change_password = second_step_required(ChangePasswordView.as_view())
set_password = second_step_required(SetPasswordView.as_view())
reauthenticate = ReauthenticateView.as_view()
