from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from caledee.web.clock_fields import LocalDateTimeField
from caledee.web.forms import existing_moment
from scheduling.models import EventType

FAR_FROM_THE_ENDS = range(2000, 2100)
CHOOSE_EVENT_TYPE = "Choose one of your event types."


class WhyNotForm(forms.Form):
    """Asks why a time can't be booked. `at` is a local time in `zone`, and becomes a moment."""

    event_type = forms.ChoiceField(
        label="Event type",
        error_messages={"required": CHOOSE_EVENT_TYPE, "invalid_choice": CHOOSE_EVENT_TYPE},
    )
    at = LocalDateTimeField(
        label="Time", max_length=40, error_messages={"required": "Enter the date and the time of day."}
    )

    def __init__(self, data: Mapping[str, str] | None, event_types: Sequence[EventType], zone: ZoneInfo) -> None:
        super().__init__(data)
        self.event_types = {str(each.pk): each for each in event_types}
        self.zone = zone
        self.fields["event_type"].choices = [(key, each.name) for key, each in self.event_types.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> EventType:
        return self.event_types[self.cleaned_data["event_type"]]

    def clean_at(self) -> datetime:
        local: datetime = self.cleaned_data["at"]
        if local.year not in FAR_FROM_THE_ENDS:
            raise ValidationError("Choose a date in this century.", code="too_far")
        return existing_moment(local, self.zone)
