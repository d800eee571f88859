"""Forms of event types. They parse input and check the domain's rules, but write nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.utils.text import slugify

from caledee.accounts.models import Organization, User
from caledee.web.forms import DaysField, LineField, MinutesField, ParagraphsField
from scheduling.event_type_rules import (
    BOOKING_WINDOW,
    BUFFER,
    MINIMUM_NOTICE,
    SLUG_MAX_LENGTH,
    START_INCREMENT,
    EventTypeDetails,
    details_of,
    event_type_refusals,
    possible_organizers,
)
from scheduling.forms.locations import LocationFieldsMixin, typed_location
from scheduling.models import HIGHEST_LIMIT, EventType, EventTypeKind
from scheduling.rooms import room_refusals
from scheduling.rules import DESCRIPTION_MAX_LENGTH, DURATION, NAME_MAX_LENGTH, NAME_REQUIRED

USUAL_INVITEE_LIMIT = 5
WHOLE_NUMBER = {"invalid": "Enter a whole number, such as 5, or leave it empty for no limit."}
LIMITS = ("daily_limit", "invitee_limit")
SETTINGS_WITH_DEFAULTS = ("before_buffer", "after_buffer", "minimum_notice", "booking_window", "start_increment")
DETAILS = tuple(field.name for field in fields(EventTypeDetails))
# Stands in for unreadable values while the rules check the others.
READABLE = EventTypeDetails(name="Readable", slug="readable", duration=DURATION.shortest)


class EventTypeForm(LocationFieldsMixin, forms.Form):
    """An event type of one person. An empty address is made from the name."""

    name = LineField(label="Name", max_length=NAME_MAX_LENGTH, error_messages={"required": NAME_REQUIRED})
    slug = LineField(
        label="Page address",
        max_length=SLUG_MAX_LENGTH,
        required=False,
        help_text="The last part of the address. If empty, it is based on the name.",
    )
    description = ParagraphsField(label="Description", max_length=DESCRIPTION_MAX_LENGTH, required=False)
    duration = MinutesField(
        label="Duration",
        shortest=DURATION.shortest,
        longest=DURATION.longest,
        initial=30,
        help_text="In minutes.",
    )
    before_buffer = MinutesField(
        label="Buffer before",
        shortest=BUFFER.shortest,
        longest=BUFFER.longest,
        initial=0,
        required=False,
        help_text="In minutes.",
    )
    after_buffer = MinutesField(
        label="Buffer after",
        shortest=BUFFER.shortest,
        longest=BUFFER.longest,
        initial=0,
        required=False,
        help_text="In minutes.",
    )
    minimum_notice = MinutesField(
        label="Minimum notice",
        shortest=MINIMUM_NOTICE.shortest,
        longest=MINIMUM_NOTICE.longest,
        initial=0,
        required=False,
        help_text="In minutes: how late before its start a time can be booked.",
    )
    booking_window = DaysField(
        label="Booking window",
        shortest=BOOKING_WINDOW.shortest,
        longest=BOOKING_WINDOW.longest,
        initial=60,
        required=False,
        help_text="In days: how far ahead people can book.",
    )
    start_increment = MinutesField(
        label="Start times every",
        shortest=START_INCREMENT.shortest,
        longest=START_INCREMENT.longest,
        initial=30,
        required=False,
        help_text="In minutes, counted from the start of your working hours.",
    )
    daily_limit = forms.IntegerField(
        label="At most on one day",
        min_value=1,
        max_value=HIGHEST_LIMIT,
        required=False,
        help_text="Meetings of this event type per day. Leave it empty for no limit.",
        error_messages=WHOLE_NUMBER,
    )
    invitee_limit = forms.IntegerField(
        label="At most for one person",
        min_value=1,
        max_value=HIGHEST_LIMIT,
        initial=USUAL_INVITEE_LIMIT,
        required=False,
        help_text="Upcoming meetings of this event type per email address. Leave it empty for no limit.",
        error_messages=WHOLE_NUMBER,
    )

    active = forms.ChoiceField(
        label="Bookings",
        choices=[("on", "Active: people can book it"), ("off", "Inactive: nobody can book it")],
        required=False,
    )

    address_taken = "Another of your event types has this address."

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        owner: User | Organization,
        kind: EventTypeKind = EventTypeKind.ONE_ON_ONE,
        event_type: EventType | None = None,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Edit `event_type`, or create a new one without it."""
        now = asdict(details_of(event_type)) | typed_location(event_type) if event_type else {}
        super().__init__(data, initial=now | dict(initial or {}), **kwargs)
        self.owner, self.kind = owner, kind
        if isinstance(owner, User):
            self.offer_rooms([owner], usual_for=owner)
        self.was_active = event_type is None or event_type.is_active
        self.fields["active"].initial = "on" if self.was_active else "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in SETTINGS_WITH_DEFAULTS:
            if name in cleaned and cleaned[name] is None:
                cleaned[name] = getattr(READABLE, name)
        details = self._readable_details(cleaned)
        self.refuse(event_type_refusals(details))
        self.refuse(room_refusals(details, possible_organizers(self.kind, self.owner, self.ordered_hosts(cleaned))))
        return cleaned

    def ordered_hosts(self, cleaned: Mapping[str, Any]) -> Sequence[User]:  # noqa: ARG002
        """Return the chosen hosts of a team's event type."""
        return ()

    def clean_active(self) -> bool:
        """Keep the current value if it was not sent."""
        typed: str = self.cleaned_data["active"]
        return typed == "on" if typed else self.was_active

    def clean_slug(self) -> str:
        typed: str = self.cleaned_data["slug"]
        return typed or slugify(self.cleaned_data.get("name", ""))[:SLUG_MAX_LENGTH].strip("-")

    def details(self) -> EventTypeDetails:
        return EventTypeDetails(**{name: self.cleaned_data[name] for name in DETAILS})

    def _readable_details(self, cleaned: Mapping[str, Any]) -> EventTypeDetails:
        readable = {name: cleaned[name] for name in DETAILS if name in cleaned}
        if "name" not in readable and not readable.get("slug"):
            readable.pop("slug", None)  # without a name, none could be made
        if "location_kind" not in readable:
            readable.pop("location", None)
        return EventTypeDetails(**asdict(READABLE) | readable)


class SwitchForm(forms.Form):
    """Whether an event type is to be active. As with any checkbox, leaving `active` out means no."""

    active = forms.BooleanField(required=False)


class MoveForm(forms.Form):
    direction = forms.ChoiceField(
        choices=[("up", "Up"), ("down", "Down")], error_messages={"required": "Choose up or down."}
    )
