"""The forms of signing in and signing up. What they check and save beyond allauth's own is here."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms

from caledee.accounts.models import User, validate_time_zone


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_placeholders(self)


class SignupForm(AllauthSignupForm):
    name = forms.CharField(
        max_length=User._meta.get_field("name").max_length,
        help_text="As the people you meet know you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(
        max_length=User._meta.get_field("time_zone").max_length,
        validators=[validate_time_zone],
        help_text="Your times are shown in it. Type a place, such as Kolkata.",
        widget=forms.TextInput(
            attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false", "data-detect-time-zone": ""}
        ),
    )
    field_order = ["name", "email", "time_zone", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_placeholders(self)
        self.fields["email"].max_length = User._meta.get_field("email").max_length
        self.fields["password1"].help_text = "At least 8 characters, and none of the passwords everybody uses."

    def clean_name(self) -> str:
        """One line: a name goes into the headers of mails."""
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise forms.ValidationError("Use letters that can be seen.", code="unprintable")
        return name


def _drop_placeholders(form: forms.Form) -> None:
    """Every field has its label above it: a placeholder would only say the same again."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
