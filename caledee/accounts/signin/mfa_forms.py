"""Forms for codes of an authenticator app and for recovery codes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from caledee.accounts.models import User
from caledee.accounts.signin.attempts import code_guess, guess_of_signed_in, notify_wrong_codes, require_room
from caledee.accounts.signin.forms import Plain
from caledee.limits.counting import Counted, Limit, count_attempt
from caledee.limits.guesses import Guess

# How long a code is accepted, from the app's clock running ahead to it running behind.
SECONDS_CODES_ARE_GOOD = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)
USED_CODES = Limit("used_codes", 1, timedelta(seconds=SECONDS_CODES_ARE_GOOD))


class CodeForm(Plain, base_forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "6 digits from your authenticator app, or a recovery code."

    def clean_code(self) -> str:
        guess = code_guess(context.request, self.user)
        require_room(guess)
        try:
            code = judge(self, super().clean_code, guess)
        except ValidationError:
            notify_wrong_codes(self.user)
            raise
        return code


class ReauthenticateCodeForm(Plain, base_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "6 digits from your authenticator app, or a recovery code."

    def clean_code(self) -> str:
        guess = guess_of_signed_in(context.request, self.user)
        require_room(guess)
        return judge(self, super().clean_code, guess)


class ActivateAppForm(Plain, ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code"
        self.fields["code"].help_text = "The 6 digits in the app."

    def clean_code(self) -> str:
        code: str = super().clean_code()
        use_once(self.user, code)
        return code


def judge(form: base_forms.BaseAuthenticateForm, check: Callable[[], str], guess: Guess) -> str:
    code = check()
    if form.authenticator.type == Authenticator.Type.TOTP:
        use_once(form.user, code)
    guess.was_right(now=timezone.now())
    return code


def use_once(user: User, code: str) -> None:
    """Accept a code of the app only once (RFC 6238, section 5.2). Raises ValidationError for a used one.

    allauth remembers it for one step, which is too short if clocks can be a step off.
    """
    used = Counted(USED_CODES, (str(user.pk), normalize_user_code(code)))
    if count_attempt(used, now=timezone.now()) > USED_CODES.most:
        raise get_adapter().validation_error("incorrect_code")
