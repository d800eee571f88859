from typing import Any

from django import forms

from caledee.accounts.models import User
from caledee.accounts.preferences import ReminderLead


class LeadsField(forms.TypedMultipleChoiceField):
    """Any number of reminder times, or none."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {"invalid_choice": "Choose from the list."}

    def __init__(self, *, label: str, help_text: str) -> None:
        super().__init__(coerce=int, choices=ReminderLead.choices, required=False, label=label, help_text=help_text)

    def clean(self, value: Any) -> list[int]:
        """Return each value once, longest first."""
        return sorted(set(super().clean(value)), reverse=True)


class ReminderForm(forms.Form):
    own_reminders = LeadsField(label="To you", help_text="For meetings that you organize or take part in.")
    invitee_reminders = LeadsField(
        label="To your invitees", help_text="For meetings that you organize. Leave all unselected to send none."
    )

    @staticmethod
    def values_of(user: User) -> dict[str, list[int]]:
        return {"own_reminders": user.own_reminders, "invitee_reminders": user.invitee_reminders}
