"""The forms for suggesting times, answering suggestions, and reopening a meeting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.datastructures import MultiValueDict

from caledee.locations import LocationKind
from caledee.places.forms import TimeZoneField
from caledee.timekeeping.reader import present_clock
from caledee.web.clock_fields import (
    NO_TIME,
    UNREADABLE,
    LocalDateTimeField,
    SplitLocal,
    describe_invalid,
    join_local,
    split_local,
)
from caledee.web.forms import NonceField, ParagraphsField, TrapMixin, existing_moment
from oneoff.creator.times import TypedTime, read_times
from oneoff.creator.wording import NO_CLOCK
from oneoff.models import OneOffMeeting
from oneoff.proposals.propose import NOTE_MAX_LENGTH, Wish
from oneoff.rules import MOST_SUGGESTED_TIMES, SUGGESTED_STARTS, validity_refusals
from scheduling.forms.bookings import InviteeFieldsMixin
from scheduling.forms.refusals import RefusalsMixin
from scheduling.models import Booking

NO_TIMES = {NO_CLOCK, NO_TIME, UNREADABLE}
MEND = "Correct the marked times."
ANSWERED_THERE = "Leave this empty to get the answer at {}, or enter another email address."
LABELS = ("A time that suits you", "Second time", "Third time")


@dataclass(frozen=True, slots=True)
class TimeRow:
    """A date field and a time field."""

    key: str
    label: str
    typed: SplitLocal
    error: str
    has_focus: bool


class TimesInput(forms.MultipleHiddenInput):
    """Reads whole times, which scripts send, and pairs of date and time fields."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        whole = super().value_from_datadict(data, files, name) or []
        if not isinstance(data, MultiValueDict):
            return list(whole)
        pairs = zip_longest(data.getlist(f"{name}_date"), data.getlist(f"{name}_clock"), fillvalue="")
        return [*whole, *(join_local(day, clock) for day, clock in pairs)]


class TimesField(forms.Field):
    """The texts of several fields with the same name. The form converts them, because it knows the time zone."""

    widget = TimesInput

    def clean(self, value: Any) -> list[str]:
        return [text for text in map(str.strip, value or []) if text]


class ProposeForm(InviteeFieldsMixin, TrapMixin, forms.Form):
    """Suggests times for a one-off meeting that isn't booked.

    Several people may have the link, so the page only shows a hint of the email address that the organizer entered.
    The form uses this address if no other one is typed.
    """

    times = TimesField(label="Times", required=False)
    note = ParagraphsField(label="Note", max_length=NOTE_MAX_LENGTH, required=False)
    time_zone = TimeZoneField(label="Time zone", required=False, help_text="The times above are in this time zone.")
    nonce = NonceField()

    field_order = ["times", "time_zone", "name", "email", "location", "note"]

    def __init__(self, *args: Any, one_off: OneOffMeeting, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named_address = one_off.invitee_email
        self.fields["email"].required = not self.named_address
        self.fields["email"].help_text = (
            ANSWERED_THERE.format(hint_of(self.named_address))
            if self.named_address
            else "You get the answer at this address."
        )
        self.now = now
        self.default_zone = one_off.organizer.zone
        self.typed: list[TypedTime] = []
        if one_off.location_kind != LocationKind.ASK_INVITEE:
            del self.fields["location"]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.cleaned_data.get("time_zone") or self.default_zone.key)

    @property
    def rows(self) -> list[TimeRow]:
        """Return the rows of fields, at least as many as times can be suggested."""
        texts = [""] * MOST_SUGGESTED_TIMES if not self.is_bound else [time.text for time in self.typed]
        errors = [time.error for time in self.typed]
        first_bad = next((index for index, error in enumerate(errors) if error), 0)
        count = max(MOST_SUGGESTED_TIMES, len(texts))
        texts, errors = [*texts, *[""] * count][:count], [*errors, *[""] * count][:count]
        return [
            TimeRow(
                key=f"time-{index}",
                label=LABELS[min(index, MOST_SUGGESTED_TIMES - 1)],
                typed=split_local(text),
                error=error,
                has_focus=index == first_bad and "times" in self.errors,
            )
            for index, (text, error) in enumerate(zip(texts, errors, strict=True))
        ]

    def clean_email(self) -> str:
        return self.cleaned_data["email"] or self.named_address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        texts = self.cleaned_data.get("times", [])
        read = read_times(texts[: 2 * MOST_SUGGESTED_TIMES], self.zone, now=self.now)
        self.typed = [
            replace(time, error=describe_invalid(time.text)) if time.error in NO_TIMES else time for time in read
        ]
        if not texts:
            self.add_error("times", SUGGESTED_STARTS.none)
        elif len(texts) > MOST_SUGGESTED_TIMES:
            self.add_error("times", SUGGESTED_STARTS.too_many)
        elif any(time.error for time in self.typed):
            self.add_error("times", MEND)
        return cleaned

    def wish(self) -> Wish:
        cleaned = self.cleaned_data
        return Wish(
            name=cleaned["name"],
            email=cleaned["email"],
            time_zone=self.zone.key,
            starts=[time.start for time in self.typed if time.start],
            note=cleaned["note"],
            clock=present_clock().value,
            location=cleaned.get("location", ""),
            nonce=cleaned["nonce"],
        )


class ProposeMoveForm(ProposeForm):
    """Suggests times for a booked meeting, whose invitee and time zone are known."""

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.booking = booking
        for known in ("name", "email", "location", "time_zone", "nonce"):
            self.fields.pop(known, None)

    @property
    def zone(self) -> ZoneInfo:
        return self.booking.invitee_zone

    def wish(self) -> Wish:
        booking = self.booking
        return Wish(
            name=booking.invitee_name,
            email=booking.invitee_email,
            time_zone=booking.invitee_time_zone,
            starts=[time.start for time in self.typed if time.start],
            note=self.cleaned_data["note"],
            clock=present_clock().value,
        )


def hint_of(address: str) -> str:
    """Return enough of an email address for its owner to recognize it: `d***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


class AcceptForm(forms.Form):
    time = forms.UUIDField(error_messages={"required": "Choose a time."})


class DeclineForm(forms.Form):
    note = ParagraphsField(label="Message", max_length=1000, required=False, help_text="The invitee gets it by email.")


class ReopenForm(RefusalsMixin):
    valid_until = LocalDateTimeField(
        label="Link valid until",
        max_length=40,
        required=False,
        help_text="Leave this empty to keep the link open until the last time starts.",
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def clean_valid_until(self) -> datetime | None:
        local = self.cleaned_data["valid_until"]
        return None if local is None else existing_moment(local, self.zone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.refuse(validity_refusals(cleaned.get("valid_until"), now=self.now))
        return cleaned
