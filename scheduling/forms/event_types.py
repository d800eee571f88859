"""What people type about event types. Forms check and convert; they write nothing."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from caledee.accounts.models import Organization, User
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind, clean_location
from caledee.web.forms import DaysField, KeptMixin, LineField, MinutesField, ParagraphsField
from scheduling.models import HIGHEST_LIMIT, LONGEST_BUFFER, LONGEST_DURATION, SHORTEST_DURATION, EventType

MINUTE = timedelta(minutes=1)
LONGEST_BOOKING_WINDOW = timedelta(days=366)
LONGEST_NOTICE = timedelta(days=60)
USUAL_INVITEE_LIMIT = 5
WHOLE_NUMBER = {"invalid": "Enter a whole number, such as 5, or nothing for no limit."}
LIMITS = ("daily_limit", "invitee_limit")
SETTINGS_WITH_DEFAULTS = ("before_buffer", "after_buffer", "minimum_notice", "booking_window", "start_increment")


class LocationFieldsMixin(KeptMixin):
    """The kind of location and its detail, checked together."""

    location_kind = forms.ChoiceField(
        label="Location",
        choices=LocationKind.choices,
        initial=LocationKind.VIDEO,
        error_messages={"required": "Choose where you meet."},
    )
    location = LineField(label="Details", max_length=DETAIL_MAX_LENGTH, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "location_kind" in cleaned and "location" in cleaned:
            try:
                cleaned["location"] = clean_location(cleaned["location_kind"], cleaned["location"])
            except ValidationError as error:
                self.add_error("location", error)
        return cleaned


class EventTypeForm(LocationFieldsMixin, forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """A one-on-one event type of one organizer; the address is made from the name where it is left out."""

    name = LineField(label="Name", max_length=100, error_messages={"required": "Enter a name."})
    slug = LineField(
        label="Page address",
        max_length=60,
        required=False,
        help_text="The last part of it. Left empty, it is made from the name.",
    )
    description = ParagraphsField(label="Description", max_length=2000, required=False)
    duration = MinutesField(
        label="Duration",
        min_value=SHORTEST_DURATION // MINUTE,
        max_value=LONGEST_DURATION // MINUTE,
        initial=30,
        help_text="In minutes.",
    )
    before_buffer = MinutesField(
        label="Buffer before",
        min_value=0,
        max_value=LONGEST_BUFFER // MINUTE,
        initial=0,
        required=False,
        help_text="In minutes.",
    )
    after_buffer = MinutesField(
        label="Buffer after",
        min_value=0,
        max_value=LONGEST_BUFFER // MINUTE,
        initial=0,
        required=False,
        help_text="In minutes.",
    )
    minimum_notice = MinutesField(
        label="Minimum notice",
        min_value=0,
        max_value=LONGEST_NOTICE // MINUTE,
        initial=0,
        required=False,
        help_text="In minutes: how long before its start a time can still be booked.",
    )
    booking_window = DaysField(
        label="Booking window",
        min_value=1,
        max_value=LONGEST_BOOKING_WINDOW.days,
        initial=60,
        required=False,
        help_text="In days: how far ahead people can book.",
    )
    start_increment = MinutesField(
        label="Start times every",
        min_value=5,
        max_value=LONGEST_DURATION // MINUTE,
        initial=30,
        required=False,
        help_text="In minutes, counted from the start of your working hours.",
    )
    daily_limit = forms.IntegerField(
        label="At most on one day",
        min_value=1,
        max_value=HIGHEST_LIMIT,
        required=False,
        help_text="Meetings of this kind. A day that has as many offers no more times. Left empty, there is no limit.",
        error_messages=WHOLE_NUMBER,
    )
    invitee_limit = forms.IntegerField(
        label="At most for one person",
        min_value=1,
        max_value=HIGHEST_LIMIT,
        initial=USUAL_INVITEE_LIMIT,
        required=False,
        help_text="Coming meetings of this kind booked with one email address. Left empty, there is no limit.",
        error_messages=WHOLE_NUMBER,
    )

    active = forms.ChoiceField(
        label="Bookings",
        choices=[("on", "On: people can book it"), ("off", "Off: nobody can book it")],
        required=False,
    )

    address_taken = "Another of your event types has this address."

    class Meta:
        model = EventType
        fields = [
            "name",
            "slug",
            "duration",
            "location_kind",
            "location",
            "description",
            "before_buffer",
            "after_buffer",
            "minimum_notice",
            "booking_window",
            "start_increment",
            *LIMITS,
        ]

    def __init__(self, *args: Any, owner: User | Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        if isinstance(owner, User):
            self.instance.organizer = owner
        self.fields["active"].initial = "on" if self.instance.is_active else "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in SETTINGS_WITH_DEFAULTS:
            if name in cleaned and cleaned[name] is None:
                cleaned[name] = getattr(EventType(), name)
        return cleaned

    def clean_active(self) -> bool:
        """Left out, it stays as it is."""
        typed: str = self.cleaned_data["active"]
        return typed == "on" if typed else self.instance.is_active

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:60].strip("-")
        others = self.owner.event_types.exclude(pk=self.instance.pk)
        if not slug and "name" in self.cleaned_data:
            raise ValidationError("Enter an address of the letters a to z, digits and hyphens.", code="required")
        if others.filter(slug=slug).exists():
            raise ValidationError(self.address_taken, code="unique")
        return slug


class SwitchForm(forms.Form):
    """What an event type is to be from now on; like any checkbox, `active` is left out for off."""

    active = forms.BooleanField(required=False)


class MoveForm(forms.Form):
    direction = forms.ChoiceField(
        choices=[("up", "Up"), ("down", "Down")], error_messages={"required": "Choose up or down."}
    )
