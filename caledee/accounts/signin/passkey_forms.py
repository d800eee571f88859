"""What a browser says about a passkey, as JSON in a hidden field: never trusted, and often garbage."""

from typing import Any

from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError

from caledee.web.forms import LineField

LONGEST_CREDENTIAL = 20_000
NOT_THE_PASSKEY = "The passkey did not work. Nothing was changed. Try again."
SIGNED_PARTS = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}


class CredentialField(forms.JSONField):
    """One object with what WebAuthn signs, and nothing else of what was sent: only that is checked, and kept."""

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
        """What was sent is of no use a second time, and may be nothing that can be read."""

    def prepare_value(self, _value: Any) -> str:
        return ""


class PasskeyForm:
    """The field is hidden: what is wrong with it is said above the form. And whatever the library makes of garbage,
    of a broken signature say, is a passkey that did not work."""

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
    """Every key is made to sign in with alone: it is kept with its owner's name, and asks for a finger or a PIN."""

    name = LineField(max_length=100, required=False, help_text="So that you know it again, such as “Work laptop”.")
    passwordless = None

    def clean(self) -> dict[str, Any]:
        # allauth looks at whether the key has checked its owner where this is asked for.
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
    """Base64url, as every part is."""
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
