from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.models import User

CONFIRMATION = "delete"


class DeleteAccountForm(forms.Form):
    """Confirm the deletion with the password, or by typing a word if the account has no password."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        error_messages={"required": "Enter your password.", "max_length": "Incorrect password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    confirmation = forms.CharField(
        label=f"Type “{CONFIRMATION}” to confirm",
        max_length=100,
        error_messages={"required": f"Type “{CONFIRMATION}”.", "max_length": f"Type “{CONFIRMATION}”."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        self.person = person
        del self.fields["confirmation" if person.has_usable_password() else "password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        # This counts against the limit, so a browser left signed in can't be used to guess the password.
        if not get_adapter().reauthenticate(self.person, password):
            raise ValidationError("Incorrect password. Try again.", code="wrong_password")
        return password

    def clean_confirmation(self) -> str:
        confirmation: str = self.cleaned_data["confirmation"]
        if confirmation.strip().lower() != CONFIRMATION:
            raise ValidationError(f"Type “{CONFIRMATION}”.", code="wrong_word")
        return confirmation
