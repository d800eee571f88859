"""What people type about one-off meetings. Forms check and convert; they write nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.models import User
from caledee.forms import LineField, LocalDateTimeField, MailboxField, MinutesField, ParagraphsField
from caledee.zones import LocalTimeMissing, moment_at
from oneoff.creator import Details
from scheduling.forms import MINUTE, LocationFieldsMixin
from scheduling.models import LONGEST_DURATION, SHORTEST_DURATION

USUAL_DURATIONS = (15, 30, 45, 60)
DEFAULT_DURATION = timedelta(minutes=30)


class Switch(forms.CheckboxInput):
    """A checkbox drawn as one big decision. A script may say `off` as well as leave it out."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-switch": ""})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        return str(data.get(name, "")).lower() not in {"", "off", "false", "0", "no"}


class HandleField(forms.ChoiceField):
    """One of several people, by handle, in whatever case."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class CreatorForm(LocationFieldsMixin, forms.Form):
    """A one-off meeting apart from its times, which `oneoff.draft` reads."""

    organizer = HandleField(
        label="Organizer", required=False, error_messages={"invalid_choice": "You can't create meetings for them."}
    )
    name = LineField(label="Name", max_length=100)
    duration = MinutesField(
        label="Duration",
        min_value=SHORTEST_DURATION // MINUTE,
        max_value=LONGEST_DURATION // MINUTE,
        initial=DEFAULT_DURATION,
    )
    description = ParagraphsField(label="Description", max_length=2000, required=False)
    invitee_name = LineField(label="Invitee", max_length=100, required=False)
    invitee_email = MailboxField(label="Invitee's email", max_length=254, required=False)
    valid_until = LocalDateTimeField(
        label="Link valid until",
        max_length=20,
        required=False,
        help_text="Not booked by then, the link ends and all held times are free again.",
    )
    hold_times = forms.BooleanField(
        label="Hold these times",
        required=False,
        initial=True,
        help_text="Nobody can book them through your other links until this meeting is booked or deleted.",
        widget=Switch,
    )

    # As the page shows them: the focus goes to the first that is wrong.
    field_order = ["organizer", "name", "duration", "location_kind", "location"]

    def __init__(self, *args: Any, organizers: Sequence[User], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.people = {person.handle: person for person in organizers}
        self.me = organizers[0]
        field = self.fields["organizer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(person.handle, _label(person, self.me)) for person in organizers]
        field.initial = self.me.handle

    @property
    def chosen_organizer(self) -> User:
        """Who was chosen, as far as that is allowed; else oneself."""
        chosen = (
            self.data.get("organizer")
            if self.is_bound
            else self.get_initial_for_field(self.fields["organizer"], "organizer")
        )
        return self.people.get(str(chosen or "").lower(), self.me)

    @property
    def chosen_duration(self) -> timedelta:
        """The duration typed, while it is one; else the usual half hour."""
        if not self.is_bound:
            initial = self.get_initial_for_field(self.fields["duration"], "duration")
            return initial if isinstance(initial, timedelta) else DEFAULT_DURATION
        try:
            typed = self.fields["duration"].clean(self.data.get("duration"))
        except ValidationError:
            return DEFAULT_DURATION
        return typed if isinstance(typed, timedelta) else DEFAULT_DURATION

    def clean(self) -> dict[str, Any]:
        if "cohosts" in self.data:
            self.add_error(None, "A one-off meeting has one organizer: cohosts are not possible yet.")
        return super().clean()

    def clean_valid_until(self) -> datetime | None:
        local = self.cleaned_data["valid_until"]
        if local is None:
            return None
        try:
            moment = moment_at(local, self.chosen_organizer.zone)
        except LocalTimeMissing as error:
            raise ValidationError("This time does not exist: the clocks go forward.", code="missing") from error
        if moment <= self.now:
            raise ValidationError("Choose a time in the future.", code="past")
        return moment

    def details(self) -> Details:
        cleaned = self.cleaned_data
        return Details(
            name=cleaned["name"],
            duration=cleaned["duration"],
            location_kind=cleaned["location_kind"],
            location=cleaned["location"],
            description=cleaned["description"],
            hold_times=cleaned["hold_times"],
            valid_until=cleaned["valid_until"],
            invitee_name=cleaned["invitee_name"],
            invitee_email=cleaned["invitee_email"],
        )


class StepForm(forms.Form):
    """Which button of the creator was pressed, and what it carries. What makes no sense is as if not pressed."""

    toggle_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    add_time = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    copy_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    remove_time = forms.IntegerField(required=False, min_value=0, max_value=1000)
    month = forms.DateField(required=False, input_formats=["%Y-%m"])
    shown_month = forms.DateField(required=False, input_formats=["%Y-%m"])
    last_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def day(self, name: str, *, first: date, last: date) -> date | None:
        """The day that field `name` carries, if it lies between the two."""
        day = self.cleaned_data.get(name)
        return day if day is not None and first <= day <= last else None


class WithdrawForm(forms.Form):
    time = forms.UUIDField()


def _label(person: User, me: User) -> str:
    return f"{person.name} (you), {person.time_zone}" if person == me else f"{person.name}, {person.time_zone}"
