"""Forms for signing in, signing up and account settings, adapted from allauth."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.hashers import make_password

from caledee.accounts.models import Invitation
from caledee.accounts.signin.signup import require_signup_allowed
from caledee.email.addresses import MailboxField
from caledee.places.forms import TimeZoneField, TimeZoneInput
from caledee.web.forms import PersonNameField, TrapMixin

LONGEST_EMAIL = 254
PASSWORD_RULE = "At least 8 characters. Common passwords are not allowed."  # noqa: S105 (a help text)


ENTER = {
    "login": "Enter your email address.",
    "email": "Enter an email address.",
    "password": "Enter your password.",
    "oldpassword": "Enter your current password.",
    "password1": "Choose a password.",
    "code": "Enter the code.",
}


class AccountMailboxField(MailboxField):
    """The email of an account, in lower case."""

    @classmethod
    def like(cls, field: forms.Field) -> "AccountMailboxField":
        """Return a replacement for a field of allauth."""
        return cls(label=field.label, required=field.required, widget=field.widget, max_length=LONGEST_EMAIL)

    def clean(self, value: Any) -> str:
        return super().clean(value).lower()


class Plain:
    """Remove placeholders and repeated passwords: labels are enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        fields.pop("password2", None)
        for name, field in fields.items():
            if isinstance(field, forms.EmailField):
                fields[name] = field = AccountMailboxField.like(field)
            if name in ENTER:
                field.error_messages["required"] = ENTER[name]
            field.widget.attrs.pop("placeholder", None)
            if name == "email":
                field.label = "Email"
            elif name == "password1":
                field.help_text = PASSWORD_RULE
            elif name in {"password", "oldpassword"}:
                field.help_text = ""
            elif name == "code":
                field.widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}


class LoginForm(Plain, allauth_forms.LoginForm):
    pass


class SignupForm(Plain, TrapMixin, allauth_forms.SignupForm):
    name = PersonNameField(
        max_length=100,
        error_messages={"required": "Enter your name."},
        help_text="Shown to the people you meet.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = TimeZoneField(
        help_text="Used to show your times. Enter a city or country, such as Kolkata.",
        error_messages={"required": "Choose your time zone."},
        widget=TimeZoneInput(attrs={"data-detect-time-zone": ""}),
    )
    field_order = ["name", "email", "time_zone", "password1"]

    def __init__(self, *args: Any, invitation: Invitation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean_email(self) -> str:
        require_signup_allowed(self.cleaned_data["email"], self.invitation)
        email: str = super().clean_email()
        return email

    def try_save(self, request: Any) -> Any:
        if self.account_already_exists:
            # Spend the same time on an address with an account as on one without: hashing takes most of it.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def mark_email_taken(self) -> None:
        """Respond as if the email already had an account when the form was sent: it got one in the meantime."""
        self.account_already_exists = True


class VerifyEmailForm(Plain, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ChangeEmailForm(Plain, allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New email address"


class ResetPasswordForm(Plain, allauth_forms.ResetPasswordForm):
    pass


class ResetCodeForm(Plain, allauth_forms.ConfirmPasswordResetCodeForm):
    pass


class NewPasswordForm(Plain, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"


class ChangePasswordForm(Plain, allauth_forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["password1"].label = "New password"


class SetPasswordForm(Plain, allauth_forms.SetPasswordForm):
    pass


class ReauthenticateForm(Plain, allauth_forms.ReauthenticateForm):
    pass
