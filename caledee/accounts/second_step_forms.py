"""The codes of an authenticator app, and those for when it is lost."""

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.conf import settings
from django.core.cache import cache

from caledee.accounts.forms import Plain
from caledee.accounts.models import User

# From the first moment at which a code of the app is taken, its clock ahead of ours, to the last.
SECONDS_CODES_ARE_GOOD = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)


class CodeForm(Plain, base_forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Six digits from your authenticator app, or a recovery code."

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            use_once(self.user, code)
        return code


class ReauthenticateCodeForm(Plain, base_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Six digits from your authenticator app, or a recovery code."

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            use_once(self.user, code)
        return code


class ActivateAppForm(Plain, ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code"
        self.fields["code"].help_text = "The six digits that the app shows now."

    def clean_code(self) -> str:
        code: str = super().clean_code()
        use_once(self.user, code)
        return code


def use_once(user: User, code: str) -> None:
    """A code of the app is taken once (RFC 6238, section 5.2). allauth remembers it for one step, which is too short
    where a clock may be a step away. Raises ValidationError for one that was used before."""
    if not cache.add(f"accounts.used-code.{user.pk}.{normalize_user_code(code)}", 1, timeout=SECONDS_CODES_ARE_GOOD):
        raise get_adapter().validation_error("incorrect_code")
