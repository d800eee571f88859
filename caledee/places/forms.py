"""The form field for a time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from caledee.places.search import SEVERAL_MEANINGS, Answers, label_of_zone, search
from caledee.timekeeping.reader import say_clock
from caledee.timekeeping.zones import is_zone_name
from caledee.web.text import remove_controls

UNKNOWN = "No time zone matches “%(typed)s”. Choose one of these, or enter a city."
SEVERAL = "“%(typed)s” can mean several time zones. Choose one."
LONGEST_TEXT = 64
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A zone to choose, such as `Berlin, Germany`, with its current time."""

    zone: str
    label: str
    clock: str


class TimeZoneInput(forms.TextInput):
    """A text field that searches for zones and lists matches if the text is ambiguous.

    The matches are radio buttons named `time_zone_choice`. A selected one takes precedence over the text.
    """

    template_name = "zone-input.jinja"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", **(attrs or {})})

    def format_value(self, value: Any) -> str:
        """Show a zone by its place. Unknown or ambiguous text stays as typed."""
        text = str(value or "")
        return label_of_zone(text) if is_zone_name(text) and text not in SEVERAL_MEANINGS else text

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(choice_name(name)) or super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        invalid = context["widget"]["attrs"].get("aria-invalid") == "true"
        context["choice_name"] = choice_name(name)
        context["search_address"] = reverse("time_zones")
        context["answers"] = answer_rows(str(value or ""), now=timezone.now()) if invalid else None
        return context


class TimeZoneField(forms.CharField):
    """A zone, found by any of its names. Its value is the zone's current IANA name."""

    default_error_messages = {"required": "Choose a time zone."}
    widget = TimeZoneInput

    def __init__(self, *, label: str = "Time zone", **kwargs: Any) -> None:
        super().__init__(label=label, max_length=LONGEST_TEXT, **kwargs)
        self.widget.attrs.setdefault("placeholder", "City, country or UTC+2")

    def to_python(self, value: Any) -> str:
        typed = " ".join(remove_controls(super().to_python(value) or "", keep="").split())
        if not typed or len(typed) > LONGEST_TEXT:
            return typed
        answers = search(typed, now=timezone.now())
        if not answers.zone:
            short = typed if len(typed) <= LONGEST_NAME else f"{typed[:LONGEST_NAME]}…"
            words, code = (SEVERAL, "several_time_zones") if answers.is_exact else (UNKNOWN, "unknown_time_zone")
            raise ValidationError(words, code=code, params={"typed": short})
        return answers.zone


def choice_name(name: str) -> str:
    return f"{name}_choice"


def answer_rows(typed: str, *, now: datetime) -> "tuple[Answers, list[AnswerRow]]":
    """Return what the text can mean, and the rows that show it."""
    answers = search(typed, now=now)
    return answers, [AnswerRow(each.zone, each.label, _clock_in(each.zone, now)) for each in answers.found]


def _clock_in(zone: str, now: datetime) -> str:
    return say_clock(now.astimezone(ZoneInfo(zone)).time())
