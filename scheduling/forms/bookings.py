"""The forms about bookings, from choosing a time to cancelling. Forms validate; they write nothing."""

import datetime
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from caledee.email.addresses import MailboxField, read_address
from caledee.locations import DETAIL_MAX_LENGTH, LocationKind
from caledee.places.forms import TimeZoneField, choice_name
from caledee.timekeeping.reader import present_clock
from caledee.web.forms import (
    KeptMixin,
    LineField,
    NonceField,
    ParagraphsField,
    PersonNameField,
    TrapMixin,
)
from scheduling.bookings.offers import Invitee, Offer

SLOT_MAX_LENGTH = 64
MONTH_FORMAT = "%Y-%m"


class PageQueryForm(forms.Form):
    """What the address of a booking page asks for. An unknown time zone is an error and doesn't change the times.

    Other values that aren't valid are ignored. `shown_in` is the zone that the page showed before another was typed.
    """

    time_zone = TimeZoneField()
    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    month = forms.DateField(required=False, input_formats=[MONTH_FORMAT])
    slot = forms.CharField(max_length=SLOT_MAX_LENGTH, required=False)
    shown_in = TimeZoneField(required=False, widget=forms.HiddenInput)

    def __init__(self, query: Mapping[str, str], *, default_zone: ZoneInfo) -> None:
        """Read the query. `default_zone` is used if it has no zone, or an unknown one."""
        self.zone_asked = (query.get(choice_name("time_zone")) or query.get("time_zone", "")).strip()
        self.default_zone = default_zone
        super().__init__({**query, "time_zone": self.zone_asked or default_zone.key})
        self.is_valid()

    @property
    def zone(self) -> ZoneInfo:
        name = self.cleaned_data.get("time_zone") or self.cleaned_data.get("shown_in")
        return ZoneInfo(name) if name else self.default_zone

    @property
    def zone_is_found(self) -> bool:
        """Whether the query has a zone that exists."""
        return bool(self.zone_asked) and "time_zone" not in self.errors

    @property
    def day(self) -> datetime.date | None:
        return self.cleaned_data.get("date")

    @property
    def first_of_month(self) -> datetime.date | None:
        return self.cleaned_data.get("month")

    @property
    def slot_value(self) -> str:
        value: str = self.cleaned_data.get("slot", "")
        return value

    def clean_date(self) -> datetime.date | None:
        return _refuse_far_years(self.cleaned_data["date"])

    def clean_month(self) -> datetime.date | None:
        return _refuse_far_years(self.cleaned_data["month"])


class InviteeFieldsMixin(forms.Form):
    """Who an invitee is, and where to meet if the invitee chooses that."""

    name = PersonNameField(
        label="Your name",
        max_length=100,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = MailboxField(
        label="Email",
        max_length=254,
        error_messages={"required": "Enter your email address."},
        help_text="The confirmation goes here.",
    )
    location = LineField(
        label="Where shall we meet?",
        max_length=DETAIL_MAX_LENGTH,
        error_messages={"required": "Say where to meet or call you."},
        help_text="A phone number, an address or the link of a video call.",
    )


class BookingForm(InviteeFieldsMixin, TrapMixin, forms.Form):
    """Who books, and which slot of an offer."""

    slot = forms.CharField(
        label="Time",
        max_length=SLOT_MAX_LENGTH,
        error_messages={"required": "Choose a time.", "max_length": "Choose one of the times."},
        widget=forms.HiddenInput,
    )
    notes = ParagraphsField(
        label="Notes", max_length=2000, required=False, help_text="Anything that helps to prepare the meeting."
    )
    time_zone = TimeZoneField(label="Time zone", required=False)
    nonce = NonceField()

    field_order = ["slot"]

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default_zone = offer.zone.key
        if offer.location_kind != LocationKind.ASK_INVITEE:
            del self.fields["location"]

    def clean_time_zone(self) -> str:
        """Use the offer's time zone if none was sent."""
        return self.cleaned_data["time_zone"] or self.default_zone

    def invitee(self) -> Invitee:
        cleaned = self.cleaned_data
        return Invitee(
            name=cleaned["name"],
            email=cleaned["email"],
            time_zone=cleaned["time_zone"],
            location=cleaned.get("location", ""),
            notes=cleaned["notes"],
            clock=present_clock().value,
        )


class RescheduleForm(forms.Form):
    """The slot to move a booking to."""

    slot = forms.CharField(max_length=SLOT_MAX_LENGTH, error_messages={"required": "Choose a time."})


class NoShowForm(forms.Form):
    """Whether the invitee was a no-show: `off` undoes it, and anything else marks it."""

    no_show = forms.CharField(max_length=10, required=False)

    def clean_no_show(self) -> bool:
        return self.cleaned_data["no_show"].lower() not in {"off", "false", "0", "no"}


class MeetingSearchForm(forms.Form):
    """The invitee to search meetings for. A text that is too long finds nothing and isn't an error."""

    invitee = LineField(
        label="Invitee",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": "254", "autocomplete": "off"}),
        help_text="A part of the name or of the email.",
    )

    @property
    def sought(self) -> str:
        self.is_valid()
        typed: str = self.cleaned_data.get("invitee", "")
        return read_address(typed) if "@" in typed else typed


class CancelForm(KeptMixin):
    reason = ParagraphsField(
        label="Reason", max_length=1000, required=False, help_text="It is included in the notification."
    )


def _refuse_far_years(day: datetime.date | None) -> datetime.date | None:
    """Refuse years that no booking window reaches. Near year 1 or 9999, some moments don't exist."""
    if day is not None and not 2000 <= day.year <= 2200:
        raise ValidationError("Choose another date.", code="out_of_range")
    return day
