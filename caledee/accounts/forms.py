"""The forms of signing in and signing up, as far as they are not allauth's."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms

from caledee.forms import LineField, TimeZoneField

TIME_ZONE_ATTRIBUTES = {
    "list": "time-zones",
    "autocomplete": "off",
    "spellcheck": "false",
    "data-detect-time-zone": "",
}


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_placeholders(self)


class SignupForm(AllauthSignupForm):
    name = LineField(
        max_length=100,
        help_text="As the people you meet know you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = TimeZoneField(
        help_text="Your times are shown in it. Type a country or a city, such as Kolkata.",
        widget=forms.TextInput(attrs=TIME_ZONE_ATTRIBUTES),
    )
    field_order = ["name", "email", "time_zone", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_placeholders(self)
        self.fields["email"].widget.attrs["maxlength"] = "254"
        self.fields["password1"].help_text = "At least 8 characters, and none of the passwords everybody uses."


def _drop_placeholders(form: forms.Form) -> None:
    """Every field has its label above it: a placeholder would only say the same again."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
