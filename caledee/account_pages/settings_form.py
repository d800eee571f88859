"""What people say of themselves and of how they like their pages. Nothing is written here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.handles.fields import HandleField
from caledee.accounts.handles.register import find_obstacle
from caledee.accounts.models import User
from caledee.accounts.preferences import ColorScheme
from caledee.places.forms import TimeZoneField
from caledee.places.tables import present_name
from caledee.timekeeping.clock import Clock, WeekStart
from caledee.web.forms import PersonNameField


@dataclass(frozen=True, slots=True)
class Settings:
    name: str
    handle: str
    time_zone: str
    clock: str
    week_start: int
    color_scheme: str


class SettingsForm(forms.Form):
    """All settings of one person. `move_hours` only where their working hours are on the clocks of their own zone."""

    name = PersonNameField(
        max_length=100,
        help_text="As the people you meet know you.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    handle = HandleField(
        label="Address of your booking page",
        error_messages={"required": "Enter a name for your address."},
        help_text=(
            "3 to 40 of the letters a to z, digits and hyphens. When you change it, links that you sent lead on to "
            "the new address, and nobody else gets the old one for 90 days."
        ),
    )
    time_zone = TimeZoneField(
        label="Time zone",
        error_messages={"required": "Choose your time zone."},
        help_text=(
            "Your times are shown in it. Meetings and the times you offer stay at the moment they are: they are only "
            "shown on the clocks of the new zone."
        ),
    )
    move_hours = forms.BooleanField(label="Shift my working hours to the new time zone", required=False)
    clock = forms.ChoiceField(
        label="Clock", choices=Clock, widget=forms.RadioSelect, error_messages={"required": "Choose a clock."}
    )
    week_start = forms.TypedChoiceField(
        label="First day of the week",
        choices=WeekStart,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a first day of the week."},
    )
    color_scheme = forms.ChoiceField(
        label="Colors",
        choices=ColorScheme,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose light, dark or system."},
    )

    def __init__(self, data: Any = None, *, person: User, hours_zone: str, now: datetime) -> None:
        """`hours_zone` is the zone of the person's working hours, empty where they have none."""
        initial = {name: getattr(person, name) for name in Settings.__dataclass_fields__}
        initial |= {"move_hours": True, "time_zone": present_name(person.time_zone)}
        super().__init__(data, initial=initial)
        self.person, self.now = person, now
        if hours_zone == person.time_zone:
            self.fields["move_hours"].help_text = (
                f"Nine o’clock in {person.place} becomes nine o’clock in the new zone. Without this your hours stay "
                f"on the clocks of {person.place}."
            )
        else:
            del self.fields["move_hours"]

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        if obstacle := find_obstacle(handle, bearer=self.person, now=self.now):
            raise ValidationError(obstacle, code="handle_taken")
        return handle

    def settings(self) -> Settings:
        return Settings(**{name: self.cleaned_data[name] for name in Settings.__dataclass_fields__})

    @property
    def takes_hours_along(self) -> bool:
        return bool(self.cleaned_data.get("move_hours"))
