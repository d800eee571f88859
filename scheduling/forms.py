"""What people type about event types and bookings. Forms check and convert; they write nothing."""

import datetime
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from caledee.accounts.models import User
from caledee.forms import DaysField, LineField, MinutesField, ParagraphsField, TimeZoneField
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind, clean_location
from scheduling.models import LONGEST_BUFFER, LONGEST_DURATION, SHORTEST_DURATION, EventType
from scheduling.offers import Invitee, Offer

MINUTE = timedelta(minutes=1)
LONGEST_BOOKING_WINDOW = timedelta(days=366)
LONGEST_NOTICE = timedelta(days=60)
MONTH_FORMAT = "%Y-%m"
ADDRESS_TAKEN = "Another of your event types has this address."


class LocationFieldsMixin(forms.Form):
    """The kind of location and its detail, checked together."""

    location_kind = forms.ChoiceField(
        label="Location", choices=LocationKind.choices, initial=LocationKind.VIDEO, widget=forms.RadioSelect
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


class EventTypeForm(LocationFieldsMixin, forms.ModelForm):  # type: ignore[type-arg] (no generic at run time)
    """A one-on-one event type of one organizer; the address is made from the name where it is left out."""

    name = LineField(label="Name", max_length=100)
    slug = LineField(
        label="Address",
        max_length=60,
        required=False,
        help_text="The last part of the page's address. Left empty, it is made from the name.",
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
        label="Buffer before", min_value=0, max_value=LONGEST_BUFFER // MINUTE, initial=0, help_text="In minutes."
    )
    after_buffer = MinutesField(
        label="Buffer after", min_value=0, max_value=LONGEST_BUFFER // MINUTE, initial=0, help_text="In minutes."
    )
    minimum_notice = MinutesField(
        label="Minimum notice",
        min_value=0,
        max_value=LONGEST_NOTICE // MINUTE,
        initial=0,
        help_text="In minutes: how long before its start a time can still be booked.",
    )
    booking_window = DaysField(
        label="Booking window",
        min_value=1,
        max_value=LONGEST_BOOKING_WINDOW.days,
        initial=60,
        help_text="In days: how far ahead people can book.",
    )
    start_increment = MinutesField(
        label="Start times every",
        min_value=5,
        max_value=LONGEST_DURATION // MINUTE,
        initial=30,
        help_text="In minutes, counted from the start of your working hours.",
    )

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
        ]

    def __init__(self, *args: Any, organizer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizer = organizer
        self.instance.organizer = organizer

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:60].strip("-")
        others = self.organizer.event_types.exclude(pk=self.instance.pk)
        if not slug and "name" in self.cleaned_data:
            raise ValidationError("Enter an address of the letters a to z, digits and hyphens.", code="required")
        if others.filter(slug=slug).exists():
            raise ValidationError(ADDRESS_TAKEN, code="unique")
        return slug


class SwitchForm(forms.Form):
    """What an event type is to be from now on; like any checkbox, `active` is left out for off."""

    active = forms.BooleanField(required=False)


class PageQueryForm(forms.Form):
    """What the address of a booking page may ask for. What does not fit is reported and otherwise ignored."""

    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    month = forms.DateField(required=False, input_formats=[MONTH_FORMAT])
    time_zone = TimeZoneField(label="Time zone", max_length=64, required=False)
    slot = forms.CharField(max_length=64, required=False)

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name) or None

    def clean_date(self) -> datetime.date | None:
        return _refuse_far_years(self.cleaned_data["date"])

    def clean_month(self) -> datetime.date | None:
        return _refuse_far_years(self.cleaned_data["month"])


class BookingForm(forms.Form):
    """Who books which slot of an offer."""

    slot = forms.CharField(max_length=64, error_messages={"required": "Choose a time."}, widget=forms.HiddenInput)
    name = LineField(label="Your name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"})
    )
    time_zone = TimeZoneField(label="Time zone", max_length=64, widget=forms.HiddenInput)
    location = LineField(
        label="Where shall we meet?",
        max_length=DETAIL_MAX_LENGTH,
        help_text="A phone number, an address or the link of a video call.",
    )
    notes = ParagraphsField(
        label="Notes", max_length=2000, required=False, help_text="Anything that helps to prepare the meeting."
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offer.location_kind != LocationKind.ASK_INVITEE:
            del self.fields["location"]

    def invitee(self) -> Invitee:
        cleaned = self.cleaned_data
        return Invitee(
            name=cleaned["name"],
            email=cleaned["email"],
            time_zone=cleaned["time_zone"],
            location=cleaned.get("location", ""),
            notes=cleaned["notes"],
        )


class CancelForm(forms.Form):
    reason = ParagraphsField(
        label="Reason", max_length=1000, required=False, help_text="It is told to the other side."
    )


def _refuse_far_years(day: datetime.date | None) -> datetime.date | None:
    """Days that no booking window reaches, and whose moments may not exist (before year 1, after 9999)."""
    if day is not None and not 2000 <= day.year <= 2200:
        raise ValidationError("Choose another date.", code="out_of_range")
    return day
