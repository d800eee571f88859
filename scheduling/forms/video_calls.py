from collections.abc import Mapping
from typing import Any

from django import forms

from caledee.accounts.preferences import ROOM_TEMPLATE_MAX_LENGTH
from caledee.web.forms import LineField
from scheduling.rooms import clean_template

LINK, FRESH = "link", "fresh"
SUGGESTED = "https://meet.jit.si/{random}"
HELP = (
    "{random} becomes 22 random letters and digits, different for each meeting. You can add the meeting's name after "
    "it, as in https://meet.example.org/{random}-{name}."
)


class VideoCallsForm(forms.Form):
    """Whether video calls get rooms of their own, and the template of their addresses."""

    rooms = forms.ChoiceField(
        label="Link to the video call",
        choices=[(LINK, "I give a link each time"), (FRESH, "A fresh room for each meeting")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where the link comes from."},
    )
    template = LineField(
        label="Address of the rooms",
        required=False,
        help_text=HELP,
        widget=forms.TextInput(
            attrs={
                "data-needed": "",
                "maxlength": str(ROOM_TEMPLATE_MAX_LENGTH),
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, stored: str) -> None:
        super().__init__(data, initial={"rooms": FRESH if stored else LINK, "template": stored or SUGGESTED})

    def clean_template(self) -> str:
        """Check the address only if rooms are wanted. Otherwise it is hidden and has no meaning."""
        typed: str = self.cleaned_data["template"]
        return clean_template(typed) if self.cleaned_data.get("rooms") == FRESH else ""
