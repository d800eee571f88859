"""How allauth makes our accounts."""

from allauth.account.adapter import DefaultAccountAdapter
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from caledee.accounts.forms import SignupForm
from caledee.accounts.handle_register import free_handle, lock_handles
from caledee.accounts.models import User


class EmailTaken(Exception):
    """Somebody signed up with this e-mail while this form was on its way."""


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_taken": "This e-mail has an account already. Sign in instead.",
        "email_password_mismatch": "No account has this e-mail and this password together. Try again.",
        "too_many_login_attempts": "Too many tries did not work. Wait five minutes, then try again.",
    }

    def save_user(self, request: HttpRequest, user: User, form: SignupForm, commit: bool = True) -> User:
        """Fill in a new account; saved, it has a handle of its own even when several people of one name come at once.

        Raises EmailTaken.
        """
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.time_zone = form.cleaned_data["time_zone"]
        if commit:
            _save_with_free_handle(user)
        return user

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """New people go through the first steps, until they have done or skipped them."""
        user = request.user
        if isinstance(user, User) and user.started_at is None:
            return reverse("scheduling:start")
        return str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def is_ajax(self, _request: HttpRequest) -> bool:
        """Accounts are pages for people: no form answers in JSON."""
        return False


def _save_with_free_handle(user: User) -> None:
    try:
        with transaction.atomic():
            lock_handles()
            user.handle = free_handle(user.name)
            user.save(force_insert=True)
    except IntegrityError:
        if User.objects.filter(email__iexact=user.email).exists():
            raise EmailTaken from None
        raise
