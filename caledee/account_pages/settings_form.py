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
    """A person's settings. `move_hours` is only there if their working hours are in their own time zone."""

    name = PersonNameField(
        max_length=100,
        help_text="The name that people you meet see.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    handle = HandleField(
        label="Address of your booking page",
        error_messages={"required": "Enter a name for your address."},
        help_text=(
            "Use 3 to 40 letters (a to z), digits and hyphens. If you change it, links you sent redirect to the new "
            "address, and nobody else can take the old one for 90 days."
        ),
    )
    time_zone = TimeZoneField(
        label="Time zone",
        error_messages={"required": "Choose your time zone."},
        help_text=(
            "Your times are shown in this time zone. Changing it doesn't move meetings or times you offer: they are "
            "only shown in the new time zone."
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
        """`hours_zone` is the time zone of the person's working hours, or empty if they have none."""
        initial = {name: getattr(person, name) for name in Settings.__dataclass_fields__}
        initial |= {"move_hours": True, "time_zone": present_name(person.time_zone)}
        super().__init__(data, initial=initial)
        self.person, self.now = person, now
        if hours_zone == person.time_zone:
            self.fields["move_hours"].help_text = (
                f"9:00 in {person.place} becomes 9:00 in the new time zone. Otherwise your hours stay in "
                f"{person.place} time."
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
    def moves_hours(self) -> bool:
        return bool(self.cleaned_data.get("move_hours"))
