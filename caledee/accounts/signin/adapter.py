"""Adapt allauth: create accounts, word its messages, and send its emails."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from caledee.accounts.handles.register import free_handle, lock_handles
from caledee.accounts.models import User
from caledee.accounts.outgoing import queue_email
from caledee.accounts.signin.attempts import guess_of_signed_in, password_guess, require_room
from caledee.accounts.signin.forms import LONGEST_EMAIL, SignupForm
from caledee.accounts.signin.known_browsers import Proven, known_browser, remember_browser
from caledee.accounts.signin.signup import may_see_sign_up
from caledee.email.addresses import MailboxField
from caledee.limits.clients import client_address
from caledee.limits.mailboxes import note_email, take_place

# Shown once, on the next page. allauth's other messages are not shown.
MESSAGES = {
    "account/messages/logged_out.txt": "You have signed out.",
    "account/messages/email_confirmed.txt": "Your email address is confirmed.",
    "account/messages/email_confirmation_failed.txt": "This email address could not be confirmed. Use another one.",
    "account/messages/password_changed.txt": "Your password has been changed.",
    "account/messages/password_set.txt": "Your password has been set.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app has been removed.",
    "mfa/messages/webauthn_added.txt": "Your passkey has been added.",
    "mfa/messages/webauthn_removed.txt": "The passkey has been removed.",
    "mfa/messages/recovery_codes_generated.txt": "You have new recovery codes.",
}


OTHER_SIGN_INS = ", sign in with a passkey, or reset your password"


class EmailTaken(Exception):
    """Another sign-up with this email finished first."""


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_taken": "This email address cannot be used. Choose another.",
        "duplicate_email": "This is already your email address.",
        "email_password_mismatch": "Incorrect email or password. Try again.",
        "enter_current_password": "Incorrect current password.",
        "incorrect_password": "Incorrect password.",
        "incorrect_code": "Incorrect code. Use the one in the latest email.",
        "too_many_login_attempts": "Too many attempts. Try again in a minute.",
        "rate_limited": "Too many attempts. Try again in a minute.",
    }

    def save_user(self, request: HttpRequest, user: User, form: SignupForm, commit: bool = True) -> User:
        """Fill in a new account. Saving assigns a unique handle, even if several people with one name sign up.

        Raises EmailTaken.
        """
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.time_zone = form.cleaned_data["time_zone"]
        if commit:
            _save_with_free_handle(user)
        return user

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return may_see_sign_up(request, now=timezone.now())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Sign in. After too many wrong passwords, raise ValidationError without checking this one."""
        guess = password_guess(request, credentials["email"])
        require_room(guess, otherwise=OTHER_SIGN_INS)
        user = super().authenticate(request, **credentials)
        if user:
            guess.was_right(now=timezone.now())
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password of a signed-in user. Counts per session: sessions cannot lock each other out."""
        guess = guess_of_signed_in(context.request, user)
        require_room(guess)
        is_right = user.check_password(password)
        if is_right:
            guess.was_right(now=timezone.now())
        return is_right

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Require the second step if there is one: a password alone would be weaker. Without an app, passkeys come
        first, and recovery codes are the fallback.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        stronger = [each for each in methods if each["id"] != "reauthenticate"]
        has_app = len(stronger) < 2 or is_mfa_enabled(user, types=[Authenticator.Type.TOTP])
        return (stronger if has_app else stronger[::-1]) or methods

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        remember_browser(request, response, user.email, Proven.PASSWORD, Proven.CODE)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send new users to the first steps until they finish or skip them."""
        user = request.user
        if isinstance(user, User) and user.started_at is None:
            return reverse("scheduling:start")
        return str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def clean_email(self, email: str) -> str:
        """Require ASCII before the @, like `MailboxField`, where lower case is unambiguous."""
        if not email.rpartition("@")[0].isascii() or len(email) > LONGEST_EMAIL:  # lower case can be longer
            raise ValidationError(MailboxField.default_error_messages["invalid"], code="invalid")
        return email

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def is_ajax(self, _request: HttpRequest) -> bool:
        """Treat no request as JSON: account pages are for people."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Accept only paths of this site as the next page after signing in."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_email_verification_redirect_url(self, _address: EmailAddress) -> str:
        """Return the next page after a signed-in user confirms a new email."""
        return reverse("account_security")

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("account_security")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,  # noqa: ARG002
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        message = message or MESSAGES.get(message_template or "")
        super().add_message(request, level, extra_tags=extra_tags, message=message)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue an email that anyone can trigger by entering this address. Raises MailboxFull.

        Strangers cannot block it for a browser in which the account's owner has signed in before.
        """
        now = timezone.now()
        is_known = known_browser(self.request, email, Proven.PASSWORD) is not None
        with transaction.atomic():
            note_email(email, now=now) if is_known else take_place(email, now=now)
            _queue(template_prefix, email, context, now)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send a code, or tell the owner if the address belongs to another account."""
        address: EmailAddress = emailconfirmation.email_address
        if User.objects.filter(email__iexact=address.email).exclude(pk=address.user_id).exists():
            self.send_mail("account/email/email_in_use", address.email, {})
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Queue an email about a change to the account, to its own address, without a limit."""
        to = email or EmailAddress.objects.get_primary_email(user)
        if to:
            facts = {"time_zone": user.time_zone, "ip": self.get_client_ip(self.request)}
            _queue(template_prefix, to, facts | (context or {}) | {"user": user}, timezone.now())


def _queue(kind: str, email: str, context: dict[str, Any], now: datetime) -> None:
    """Queue an email with the facts in `context`. Expired codes are not sent."""
    facts = {name: context[name] for name in ["code", "ip", "to_email", "time_zone"] if name in context}
    lifetime = timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
    user = context.get("user")
    queue_email(
        kind,
        email,
        facts,
        now=now,
        lifetime=lifetime if "code" in facts else None,
        person=user if isinstance(user, User) else None,
    )


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
