"""Email addresses as people type and paste them."""

import re
import unicodedata
from typing import Any
from urllib.parse import unquote

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

NAME_AND_ADDRESS = re.compile(r"[^<>]*<([^<>]*)>")
SCHEME = re.compile("mailto:", re.IGNORECASE)
QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»", "(": ")", "[": "]"}
PUNCTUATION = " ,;."
# Invisible characters that their Unicode category does not identify.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
MOST_LAYERS = 5
ATTRIBUTES = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}


def read_address(text: str) -> str:
    """Return the single address in a pasted text, or the text without invisible characters.

    Understands `Dana Scott <dana@example.com>`, `mailto:` links, quotes, angle brackets, invisible characters and
    punctuation around an address. Does not validate the address.
    """
    address = _visible(text)
    for _ in range(MOST_LAYERS):
        peeled = _peel(address)
        if peeled == address:
            break
        address = peeled
    return address


class MailboxField(forms.EmailField):
    """An address that can receive email: ASCII before the @, the domain can be international.

    Django's own check ignores case and therefore accepts ſ and similar characters as ASCII letters. The input has type
    text: with type email, browsers would refuse formats that `read_address` understands.
    """

    widget = forms.TextInput
    default_error_messages = {
        "required": "Enter an email address.",
        "invalid": "Enter a full email address, such as dana@example.com.",
    }

    def to_python(self, value: Any) -> str:
        return read_address(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        if isinstance(widget, forms.TextInput):
            widget.input_type = "text"
        return {**ATTRIBUTES, **super().widget_attrs(widget), **widget.attrs}

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        if not address.rpartition("@")[0].isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return address


class MailboxColumn(models.EmailField):  # type: ignore[type-arg]
    """A column whose forms, in the admin and in commands, parse addresses like all other forms."""

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.EmailField", arguments, options

    def to_python(self, value: Any) -> Any:
        return read_address(value) if isinstance(value, str) else super().to_python(value)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**options | {"form_class": MailboxField, "widget": forms.TextInput})


def _visible(text: str) -> str:
    """Remove invisible characters and normalize spaces. Keeps control characters, which validation refuses."""
    return "".join(" " if each.isspace() else each for each in text if not _is_unseen(each)).strip()


def _is_unseen(character: str) -> bool:
    return character in BLANKS or unicodedata.category(character) == "Cf"


def _peel(address: str) -> str:
    """Remove one layer of wrapping around an address."""
    address = address.strip(PUNCTUATION)
    if named := NAME_AND_ADDRESS.fullmatch(address):
        return named[1]
    if scheme := SCHEME.match(address):
        return _visible(unquote(address[scheme.end() :].partition("?")[0]))
    if len(address) > 1 and QUOTES.get(address[0]) == address[-1]:
        return address[1:-1]
    return address
