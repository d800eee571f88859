"""Signing in, up and out, and the code that confirms an e-mail address.

Whether an address has an account is told to its owner alone, by mail: the pages are the same for every address.
"""

from typing import Any

from allauth.account import views
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caledee.accounts.adapter import AccountAdapter, EmailTaken
from caledee.accounts.forms import SignupForm
from caledee.accounts.models import User
from caledee.accounts.views.answers import Answers, Limited, mark_refused
from caledee.limits.counting import Counted
from caledee.limits.mailboxes import take_place
from caledee.limits.rates import sign_up

CODE_GONE = "No code is waiting to be typed here: it was used, or it is too old. Ask for a new one."
CODE_SPENT = "That was the wrong code too many times, and it is no longer good. Ask for a new one."
# What was typed to sign up, until the address is confirmed: the form is filled with it where it was mistyped.
TYPED = "signup_typed"
PENDING = "signup_pending"


class LoginView(Answers, views.LoginView):
    pass


class SignupView(Limited, views.SignupView):
    def limits(self) -> list[Counted]:
        return sign_up(self.request)

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_initial()
        typed: dict[str, str] = self.request.session.get(TYPED, {})
        return initial | typed

    def form_valid(self, form: SignupForm) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().form_valid(form)
        except EmailTaken:
            form.take_for_taken()
            response = super().form_valid(form)
        session = self.request.session
        session[TYPED] = {name: form.cleaned_data[name] for name in ["name", "email", "time_zone"]}
        session[PENDING] = str(self.user.pk) if self.user else ""
        return response


class VerifyEmailView(Answers, views.ConfirmEmailVerificationCodeView):
    """After signing up, at the first sign-in of an account that an admin made, and after a change of address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if not self._process:
            messages.error(request, CODE_GONE)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        signing_up = not self.request.user.is_authenticated and PENDING in self.request.session
        return {**super().get_context_data(**context), "signing_up": signing_up}

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().form_valid(form)
        except IntegrityError:
            # Somebody else has just taken the address.
            form.add_error("code", AccountAdapter.error_messages["email_taken"])
            return self.form_invalid(form)
        if self._action == "resend" and not self._process.email_address.user_id:
            # There is an account, so nothing is sent, but it counts: how much room is left tells nothing.
            take_place(self._process.email, now=timezone.now())
        if self.request.user.is_authenticated:
            _forget_signup(self.request)
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        if self._process.record_invalid_attempt():
            return mark_refused(self.render_to_response(self.get_context_data(form=form)), form)
        messages.error(self.request, CODE_SPENT)
        return redirect("account_email" if self.request.user.is_authenticated else "account_login")


@require_POST
@login_not_required
def start_again(request: HttpRequest) -> HttpResponse:
    """The address was mistyped: back to the form, filled. The account that nobody could ever confirm goes."""
    if request.user.is_authenticated or PENDING not in request.session:
        return redirect("account_signup")
    typed = request.session.get(TYPED, {})
    _delete_unconfirmed(request.session[PENDING])
    request.session.flush()
    request.session[TYPED] = typed
    return redirect("account_signup")


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
    for key in [TYPED, PENDING]:
        request.session.pop(key, None)


login = LoginView.as_view()
signup = SignupView.as_view()
logout = views.logout
verify_email = login_not_required(VerifyEmailView.as_view())
