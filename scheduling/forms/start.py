"""Forms of the first steps. They validate but write nothing."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from caledee.places.forms import TimeZoneField
from caledee.places.tables import present_name
from caledee.web.clock_fields import ClockField
from scheduling.availability.day_end import as_end
from scheduling.availability.slots import Hours, WorkingHours
from scheduling.models import Weekday

NINE_TO_FIVE: Hours = (time(9), time(17))
ENDS_EARLY = "The end must be after the start."


class FirstHoursForm(forms.Form):
    """A time zone, and the same hours on some weekdays: a simple schedule to start with."""

    time_zone = TimeZoneField(
        label="Time zone",
        help_text="Enter a city or country, such as Kolkata.",
        error_messages={"required": "Choose your time zone."},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Days you work",
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day."},
    )
    start = ClockField(label="From", error_messages={"required": "Enter a start time."})
    end = ClockField(label="Until", ends=True, error_messages={"required": "Enter an end time."})

    def __init__(self, data: Mapping[str, Any] | None = None, *, stored: WorkingHours) -> None:
        start, end = next((spans[0] for spans in stored.weekly.values() if spans), NINE_TO_FIVE)
        days = [weekday for weekday in Weekday.values if stored.weekly.get(weekday)]
        zone = present_name(stored.zone.key)
        super().__init__(data, initial={"time_zone": zone, "weekdays": days, "start": start, "end": end})
        self.overrides: Mapping[date, Any] = stored.overrides

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if end is not None:
            end = cleaned["end"] = as_end(end)
        # An end of 00:00 is midnight at the end of the day.
        if start is not None and end is not None and end <= start and end != time.min:
            self.add_error("end", ValidationError(ENDS_EARLY, code="ends_early"))
        return cleaned

    def working_hours(self) -> WorkingHours:
        cleaned = self.cleaned_data
        spans = [(cleaned["start"], cleaned["end"])]
        return WorkingHours(ZoneInfo(cleaned["time_zone"]), dict.fromkeys(cleaned["weekdays"], spans), self.overrides)
