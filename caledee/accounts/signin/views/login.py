"""Signing in, up and out, and confirming an email address with a code.

Only the owner of an address learns, by email, whether it has an account. Pages are the same for every address.
"""

from typing import Any

from allauth.account import views
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caledee.accounts.models import User
from caledee.accounts.signin.adapter import AccountAdapter, EmailTaken
from caledee.accounts.signin.forms import SignupForm
from caledee.accounts.signin.known_browsers import Proven, remember_browser
from caledee.accounts.signin.sessions import end_other_sessions
from caledee.accounts.signin.signup import current_invitation, may_see_sign_up
from caledee.accounts.signin.views.answers import Answers, Limited
from caledee.accounts.signin.views.emailed_codes import CODE_GONE, EmailedCode, redirect_with_message
from caledee.limits.counting import Counted
from caledee.limits.mailboxes import take_place
from caledee.limits.rates import sign_up

# Sign-up input until the address is confirmed, to prefill the form if the address was mistyped.
TYPED = "signup_typed"
PENDING = "signup_pending"
# The invitation whose secret link led to the sign-up.
INVITATION = "signup_invitation"


class LoginView(Answers, views.LoginView):
    def get_context_data(self, **context: Any) -> dict[str, Any]:
        may_sign_up = may_see_sign_up(self.request, now=timezone.now())
        return {**super().get_context_data(**context), "may_sign_up": may_sign_up}


class SignupView(Limited, views.SignupView):
    def limits(self) -> list[Counted]:
        return sign_up(self.request)

    def closed(self) -> HttpResponse:
        return render(self.request, "account/signup_closed.html", {"signup": settings.SIGNUP}, status=403)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"invitation": current_invitation(self.request, now=timezone.now())}

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_initial()
        typed: dict[str, str] = self.request.session.get(TYPED, {})
        return initial | typed

    def form_valid(self, form: SignupForm) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().form_valid(form)
        except EmailTaken:
            form.mark_email_taken()
            response = super().form_valid(form)
        session = self.request.session
        session[TYPED] = {name: form.cleaned_data[name] for name in ["name", "email", "time_zone"]}
        session[PENDING] = str(self.user.pk) if self.user else ""
        session[INVITATION] = form.invitation.token if form.invitation else ""
        return response


class VerifyEmailView(EmailedCode, Answers, views.ConfirmEmailVerificationCodeView):
    """Confirm an address: after sign-up, at the first sign-in of an account created by an admin, or after a change."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if not self._process:
            messages.error(request, CODE_GONE)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        signing_up = not self.request.user.is_authenticated and PENDING in self.request.session
        return {**super().get_context_data(**context), "signing_up": signing_up}

    def code_process(self) -> AbstractCodeVerificationProcess:
        return self._process

    def is_attempt(self) -> bool:
        return bool(self._action == "verify")

    def request_new_code(self, reason: str) -> HttpResponse:
        return redirect_with_message(
            self.request, reason, "account_email" if self.request.user.is_authenticated else "account_login"
        )

    def form_valid(self, form: Form) -> HttpResponse:
        changing = self.request.user if isinstance(self.request.user, User) and self.is_attempt() else None
        try:
            with transaction.atomic():
                if not self._lock_person():
                    return self.request_new_code(CODE_GONE)
                response: HttpResponse = super().form_valid(form)
        except IntegrityError:
            # Someone else has just taken the address.
            form.add_error("code", AccountAdapter.error_messages["email_taken"])
            return self.form_invalid(form)
        if self._action == "resend" and not self._process.email_address.user_id:
            # The address has an account, so nothing is sent. Count it anyway, to not reveal this.
            take_place(self._process.email, now=timezone.now())
        if changing is not None:
            self._end_change(changing, response)
        if self.request.user.is_authenticated:
            _forget_signup(self.request)
        return response

    def _lock_person(self) -> bool:
        """Lock the user first, like the cleanup of unconfirmed accounts. Return False if it has just deleted them."""
        key = self._process.state.get("user_id")
        return key is None or User.objects.select_for_update(no_key=True).filter(pk=key).first() is not None

    def _end_change(self, person: User, response: HttpResponse) -> None:
        """Sign out sessions that used the old address."""
        person.refresh_from_db()
        end_other_sessions(self.request, person)
        remember_browser(self.request, response, person.email, Proven.PASSWORD, Proven.CODE)


@require_POST
@login_not_required
def start_again(request: HttpRequest) -> HttpResponse:
    """Return to the prefilled form after a mistyped address, and delete the unconfirmed account."""
    if request.user.is_authenticated or PENDING not in request.session:
        return redirect("account_signup")
    typed, token = request.session.get(TYPED, {}), request.session.get(INVITATION)
    _delete_unconfirmed(request.session[PENDING])
    request.session.flush()
    request.session[TYPED] = typed
    way_on = {"next": reverse("team:invitation", args=[token])} if token else {}
    return redirect(reverse("account_signup", query=way_on))


@require_safe
@login_not_required
def inactive(request: HttpRequest) -> HttpResponse:
    return render(request, "account/inactive.html")


def _delete_unconfirmed(pk: str) -> None:
    if not pk:
        return
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=pk, last_login=None).first()
        if user is not None and not EmailAddress.objects.filter(user=user, verified=True).exists():
            user.delete()


def _forget_signup(request: HttpRequest) -> None:
    for key in [TYPED, PENDING, INVITATION]:
        request.session.pop(key, None)


login = LoginView.as_view()
signup = SignupView.as_view()
logout = views.logout
verify_email = login_not_required(VerifyEmailView.as_view())
