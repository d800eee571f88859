"""Kinds of location, and the detail that each one requires."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models

from caledee.lazy import lazy_import

if TYPE_CHECKING:
    import phonenumbers
else:
    phonenumbers = lazy_import("phonenumbers")  # slow to import, needed only when a number is entered


class LocationKind(models.TextChoices):
    VIDEO = "video", "Video call"
    PHONE = "phone", "Phone number"
    ADDRESS = "address", "Address"
    ASK_INVITEE = "ask_invitee", "Ask the invitee"


DETAIL_MAX_LENGTH = 300


def clean_location(kind: str, detail: str) -> str:
    """Return the detail as stored. Raises ValidationError if it does not fit the kind.

    A video call has an http(s) link, which can be added later. A phone number needs its country code and is stored in
    international format. When the invitee is asked, the detail is empty.
    """
    cleaned = _clean_detail(kind, detail.strip())
    # Cleaning can lengthen the detail beyond the column, even if it fitted the form field.
    if len(cleaned) > DETAIL_MAX_LENGTH:
        raise ValidationError(f"Use at most {DETAIL_MAX_LENGTH} characters.", code="too_long")
    return cleaned


def clean_phone(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValidationError(
            "Enter a phone number with its country code, such as +44 20 7946 0018.", code="invalid_phone"
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _clean_detail(kind: str, detail: str) -> str:
    match kind:
        case LocationKind.ASK_INVITEE:
            return ""
        case LocationKind.VIDEO:
            return _clean_video(detail) if detail else ""
        case LocationKind.PHONE:
            return clean_phone(detail)
        case LocationKind.ADDRESS:
            if not detail:
                raise ValidationError("Enter the address where you will meet.", code="required")
            return detail
    raise ValidationError("Choose where you will meet.", code="invalid_choice")


def _clean_video(address: str) -> str:
    if "://" not in address:
        address = f"https://{address}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        raise ValidationError(
            "Enter the link to the video call, such as https://meet.example.com/ada.", code="invalid_video"
        ) from error
    return address
