"""Form fields for a time of day, alone or with a date: text on the reader's clock instead of the browser's input."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.timekeeping.clock import Clock
from caledee.timekeeping.clock_text import LONGEST_TEXT, read_clock, read_end
from caledee.timekeeping.reader import present_clock, say_clock, say_end
from caledee.web.forms import parse_local_time

NO_TIME = "Enter a time of day, such as 9:00 or 2:30 pm."
NO_DATE = "Enter a date as well."
UNREADABLE = "Enter a date and time, such as 2026-12-01T09:00."


def say_typed(text: str, *, ends: bool = False) -> str:
    """Return a typed time on the reader's clock, and other text as typed. The end of a day becomes `24:00`, or
    `midnight` on a 12-hour clock.
    """
    clock = read_end(text) if ends else read_clock(text)
    if clock is None:
        return text
    return say_end(clock) if ends else say_clock(clock)


def plain_clock(text: str, *, ends: bool = False) -> str:
    """Return a typed time as `14:30`, and other text as typed but shortened. The end of a day becomes `00:00`."""
    clock = read_end(text) if ends else read_clock(text)
    return text[:LONGEST_TEXT] if clock is None else f"{clock:%H:%M}"


def clock_attributes() -> dict[str, str]:
    """Return attributes of an input for a time of day. Without am and pm, a numeric keypad is enough."""
    clock = present_clock()
    keypad = {"inputmode": "numeric"} if clock is Clock.TWENTY_FOUR else {}
    return {"autocomplete": "off", "maxlength": str(LONGEST_TEXT), "data-clock-text": clock.value, **keypad}


class ClockInput(forms.TextInput):
    """A time of day as text. `ends`: it ends a span and can be midnight at the end of the day."""

    def __init__(self, *, ends: bool = False) -> None:
        super().__init__({"class": "clock-text"})
        self.ends = ends

    def format_value(self, value: Any) -> str:
        text = f"{value:%H:%M}" if isinstance(value, time) else str(value or "")
        return say_typed(text, ends=self.ends)

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        ends = {"data-ends": True} if self.ends else {}
        return super().build_attrs(base_attrs, extra_attrs) | clock_attributes() | ends


class ClockField(forms.CharField):
    """A time of day in any format that `caledee.timekeeping.clock_text` reads."""

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(widget=ClockInput(ends=ends), **kwargs)
        self.ends = ends

    def clean(self, value: Any) -> time | None:
        text = super().clean(value)
        clock = read_end(text) if self.ends else read_clock(text)
        if text and clock is None:
            raise ValidationError(NO_TIME, code="invalid_clock")
        return clock


class LocalDateTimeInput(forms.TextInput):
    """A date and a time of day as two fields. A script can also send them as one text, `2026-12-01T09:00`."""

    template_name = "date-time-input.jinja"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if name in data:
            return super().value_from_datadict(data, files, name)
        return join_local(data.get(f"{name}_date") or "", data.get(f"{name}_clock") or "")

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        return not {name, f"{name}_date", f"{name}_clock"} & set(data)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"typed": split_local(str(value or "")), "clock_attributes": clock_attributes()}


class LocalDateTimeField(forms.CharField):
    """A local date and time of day, naive. The form decides on the zone."""

    widget = LocalDateTimeInput

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        local = parse_local_time(text)
        if local is None:
            raise ValidationError(describe_invalid(text), code="invalid_local_time")
        return local


def join_local(day: str, clock: str) -> str:
    """Join the two fields into one text, `2026-12-01T09:00` if both are valid."""
    day, clock = day.strip()[:LONGEST_TEXT], clock.strip()
    return f"{day}T{plain_clock(clock)}" if day or clock else ""


class SplitLocal:
    """A typed local time for the two fields. `kind` is a text input if the date is invalid."""

    def __init__(self, day: str, clock: str) -> None:
        self.day = day
        self.clock = say_typed(clock)
        self.kind = "date" if not day or is_date(day) else "text"


def split_local(text: str) -> SplitLocal:
    day, separator, clock = text.partition("T")
    return SplitLocal(day, clock) if separator and (not day or is_date(day)) else SplitLocal(text, "")


def describe_invalid(text: str) -> str:
    """Return the error for a text that is not a local time."""
    day, separator, _ = text.partition("T")
    if separator and not day:
        return NO_DATE
    return NO_TIME if is_date(day) else UNREADABLE


def is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
