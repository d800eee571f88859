from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.models import User

WORD = "delete"


class DepartureForm(forms.Form):
    """That it is really the person who wants to leave: by the password, or by a word where there is none."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        error_messages={"required": "Enter your password.", "max_length": "This is not your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    confirmation = forms.CharField(
        label=f"Type “{WORD}” to confirm",
        max_length=100,
        error_messages={"required": f"Type “{WORD}”.", "max_length": f"Type “{WORD}”."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        self.person = person
        del self.fields["confirmation" if person.has_usable_password() else "password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        # Counted: whoever finds a browser signed in shall not guess the password here.
        if not get_adapter().reauthenticate(self.person, password):
            raise ValidationError("This is not your password. Try again.", code="wrong_password")
        return password

    def clean_confirmation(self) -> str:
        confirmation: str = self.cleaned_data["confirmation"]
        if confirmation.strip().lower() != WORD:
            raise ValidationError(f"Type “{WORD}”.", code="wrong_word")
        return confirmation
