"""The form field for a handle."""

from typing import Any

from django import forms

from caledee.accounts.handles.names import validate_handle


class HandleField(forms.CharField):
    """A handle, typed in upper or lower case."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        # Lower case turns some characters, such as the Kelvin sign, into ASCII: refuse them.
        return text.lower() if text.isascii() else text

    def validate(self, value: str) -> None:
        super().validate(value)
        validate_handle(value)
