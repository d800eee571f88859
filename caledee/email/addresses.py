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
# Of no category that says so, and yet nothing is seen of them.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
MOST_LAYERS = 5
ATTRIBUTES = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}


def read_address(text: str) -> str:
    """Return the one address that a pasted text holds, or the text itself without what cannot be seen.

    Understands `Dana Scott <dana@example.com>`, `mailto:` links, quotes, angle brackets, invisible characters and
    punctuation around an address. Does not check that it is one.
    """
    address = _visible(text)
    for _ in range(MOST_LAYERS):
        peeled = _peel(address)
        if peeled == address:
            break
        address = peeled
    return address


class MailboxField(forms.EmailField):
    """An address that mail can be sent to: what stands before the @ is ASCII, the domain may be international.

    Django's own check lets ſ and its like pass as letters of ASCII, because it looks away from case. The input is of
    type text: browsers refuse in an input of type email what `read_address` understands.
    """

    widget = forms.TextInput
    default_error_messages = {
        "required": "Enter an email address.",
        "invalid": "Enter a whole address, such as dana@example.com.",
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
    """A column whose forms, in the admin and in commands, read addresses as all others do."""

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.EmailField", arguments, options

    def to_python(self, value: Any) -> Any:
        return read_address(value) if isinstance(value, str) else super().to_python(value)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**options | {"form_class": MailboxField, "widget": forms.TextInput})


def _visible(text: str) -> str:
    """Characters that nobody sees gone, every kind of space a plain one. Control characters stay, to be refused."""
    return "".join(" " if each.isspace() else each for each in text if not _is_unseen(each)).strip()


def _is_unseen(character: str) -> bool:
    return character in BLANKS or unicodedata.category(character) == "Cf"


def _peel(address: str) -> str:
    """One layer less of what may stand around an address."""
    address = address.strip(PUNCTUATION)
    if named := NAME_AND_ADDRESS.fullmatch(address):
        return named[1]
    if scheme := SCHEME.match(address):
        return _visible(unquote(address[scheme.end() :].partition("?")[0]))
    if len(address) > 1 and QUOTES.get(address[0]) == address[-1]:
        return address[1:-1]
    return address
