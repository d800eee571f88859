"""The fields for where a meeting takes place."""

from collections.abc import Iterable

from django import forms

from caledee.accounts.models import User
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind
from caledee.web.forms import KeptMixin, LineField
from scheduling.forms.refusals import RefusalsMixin
from scheduling.models import RoomKind
from scheduling.rooms import FRESH_ROOM
from scheduling.rules import Meeting

# A choice of the form, not a kind of location: a video call with a room of its own.
FRESH_ROOM_CHOICE = "fresh_room"
PLAIN_CHOICES = [(kind.value, kind.label) for kind in LocationKind]
CHOICES_WITH_ROOMS = [PLAIN_CHOICES[0], (FRESH_ROOM_CHOICE, FRESH_ROOM), *PLAIN_CHOICES[1:]]


class LocationFieldsMixin(RefusalsMixin, KeptMixin):
    """The kind of location with its detail, or a video call with a new room for each booking."""

    location_kind = forms.ChoiceField(
        label="Location",
        choices=PLAIN_CHOICES,
        initial=LocationKind.VIDEO,
        error_messages={"required": "Choose where you meet."},
    )
    location = LineField(label="Details", max_length=DETAIL_MAX_LENGTH, required=False)

    offers_rooms = False

    def offer_rooms(self, organizers: Iterable[User], *, usual_for: User | None = None) -> None:
        """Add the choice of a fresh room if one of the possible organizers has set up rooms, or if it was chosen.

        In a new form, it is selected if the one for whom it is usual has.
        """
        field = self.fields["location_kind"]
        assert isinstance(field, forms.ChoiceField)
        if usual_for is not None and usual_for.room_template:
            field.initial = FRESH_ROOM_CHOICE
        chosen = self["location_kind"].value() == FRESH_ROOM_CHOICE
        self.offers_rooms = chosen or any(person.room_template for person in organizers)
        if self.offers_rooms:
            field.choices = CHOICES_WITH_ROOMS

    def clean_location_kind(self) -> str:
        chosen: str = self.cleaned_data["location_kind"]
        has_room = chosen == FRESH_ROOM_CHOICE
        self.cleaned_data["room_kind"] = RoomKind.TEMPLATE.value if has_room else ""
        return LocationKind.VIDEO.value if has_room else chosen

    def clean_location(self) -> str:
        """Ignore the detail of another kind of location, which is hidden when a room is chosen."""
        return "" if self.cleaned_data.get("room_kind") else self.cleaned_data["location"]


def typed_location(meeting: Meeting) -> dict[str, str]:
    """Return the location of a meeting as initial values."""
    kind = FRESH_ROOM_CHOICE if meeting.room_kind else meeting.location_kind
    return {"location_kind": kind, "location": meeting.location}
