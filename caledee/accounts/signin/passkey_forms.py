"""Forms for a browser's response about a passkey, JSON in a hidden field. It is untrusted and can be malformed."""

from typing import Any

from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError

from caledee.web.forms import LineField

LONGEST_CREDENTIAL = 20_000
NOT_THE_PASSKEY = "The passkey didn't work. Nothing was changed. Try again."
SIGNED_PARTS = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}


class CredentialField(forms.JSONField):
    """The signed parts of a WebAuthn response. Everything else is dropped, never checked or stored."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(error_messages={"required": NOT_THE_PASSKEY, "invalid": NOT_THE_PASSKEY})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_CREDENTIAL:
            raise ValidationError(NOT_THE_PASSKEY, code="invalid")
        try:
            return _essence(super().to_python(value))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValidationError(NOT_THE_PASSKEY, code="invalid") from error

    def bound_data(self, _data: Any, _initial: Any) -> None:
        """Return nothing: the response cannot be used twice and may be unreadable."""

    def prepare_value(self, _value: Any) -> str:
        return ""


class PasskeyForm:
    """Show errors of the hidden field above the form, and report malformed responses as a passkey that didn't work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()  # type: ignore[attr-defined]

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(None if field == "credential" else field, error)  # type: ignore[misc]

    def clean(self) -> Any:
        return _or_refuse(super().clean)  # type: ignore[misc]


class AuthenticatePasskeyForm(PasskeyForm, webauthn_forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return _or_refuse(super().clean_credential)


class LoginPasskeyForm(PasskeyForm, webauthn_forms.LoginWebAuthnForm):
    def clean_credential(self) -> Any:
        return _or_refuse(super().clean_credential)


class ReauthenticatePasskeyForm(PasskeyForm, webauthn_forms.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return _or_refuse(super().clean_credential)


class AddPasskeyForm(PasskeyForm, webauthn_forms.AddWebAuthnForm):
    """Create keys that work for signing in on their own: with the owner's name, and with a finger or a PIN."""

    name = LineField(max_length=100, required=False, help_text="A name to recognize it by, such as “Work laptop”.")
    passwordless = None

    def clean(self) -> dict[str, Any]:
        # With this, allauth checks that the key has verified its owner.
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class RenamePasskeyForm(webauthn_forms.EditWebAuthnForm):
    name = LineField(max_length=100, error_messages={"required": "Enter a name."})


def _essence(credential: Any) -> Any:
    if credential is None:
        return None
    response = {part: _ascii(value) for part, value in credential["response"].items() if part in SIGNED_PARTS}
    resident = credential.get("clientExtensionResults", {}).get("credProps", {}).get("rk") is True
    return {
        "id": _ascii(credential["id"]),
        "rawId": _ascii(credential["rawId"]),
        "type": "public-key",
        "response": {part: value for part, value in response.items() if value is not None},
        "clientExtensionResults": {"credProps": {"rk": resident}},
    }


def _ascii(value: Any) -> str | None:
    """Return the text if it is base64url, or raise ValueError."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or "\x00" in value:
        raise ValueError("not base64url")
    return value


def _or_refuse(check: Any) -> Any:
    try:
        return check()
    except ValidationError as error:
        if error.code == "incorrect_code":
            raise ValidationError(NOT_THE_PASSKEY, code="incorrect_code") from error
        raise
    except Exception as error:
        raise ValidationError(NOT_THE_PASSKEY, code="incorrect_code") from error
