"""The creator's forms. They check and convert what people type, and write nothing."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from caledee.accounts.models import User
from caledee.email.addresses import MailboxField
from caledee.locations import LocationKind
from caledee.timekeeping.zones import local_time
from caledee.web.clock_fields import LocalDateTimeField
from caledee.web.forms import LineField, MinutesField, ParagraphsField, SeveralField, existing_moment
from oneoff.creator.create import Details, details_refusals
from oneoff.creator.times import format_local, join_clocks, proposable_days
from oneoff.models import OneOffMeeting
from oneoff.permissions import Colleagues
from oneoff.rules import CANNOT_ADD, MOST_COHOSTS, NOT_FOR_THEM, people_refusals
from scheduling.forms.locations import LocationFieldsMixin, typed_location
from scheduling.rooms import room_refusals
from scheduling.rules import DESCRIPTION_MAX_LENGTH, DURATION, EMAIL_MAX_LENGTH, NAME_MAX_LENGTH, NAME_REQUIRED

USUAL_DURATIONS = (15, 30, 45, 60)
DEFAULT_DURATION = timedelta(minutes=30)
HANDLE_MAX_LENGTH = 40
DETAILS = tuple(field.name for field in fields(Details))
# Takes the place of what could not be read while the rules are asked about the rest.
READABLE = Details(name="Readable", duration=DURATION.shortest, location_kind=LocationKind.VIDEO)


class Switch(forms.CheckboxInput):
    """A checkbox drawn as a switch. Scripts can send `off` or leave it out."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-switch": ""})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        return str(data.get(name, "")).lower() not in {"", "off", "false", "0", "no"}


class HandleField(forms.ChoiceField):
    """One of several people, by handle in any case."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class CohostBoxes(forms.CheckboxSelectMultiple):
    """A checkbox for each colleague. The organizer's is disabled because they attend anyway."""

    organizer = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave out the id of the list, because the group around it has it."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].pop("id", None)
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["disabled"] = value == self.organizer
        return option


class HandlesField(SeveralField):
    """Several people, by handle in any case."""

    widget = CohostBoxes

    def to_python(self, value: Any) -> list[str]:
        return super().to_python([str(handle).lower()[:HANDLE_MAX_LENGTH] for handle in value or []])


class CreatorForm(LocationFieldsMixin, forms.Form):
    """Everything about a one-off meeting but its times, which `TimesForm` reads."""

    organizer = HandleField(label="Organizer", required=False, error_messages={"invalid_choice": NOT_FOR_THEM})
    cohosts = HandlesField(
        label="Other hosts",
        required=False,
        error_messages={"invalid_choice": CANNOT_ADD.format("%(value)s")},
        help_text="They are invited too, and every time has to suit all of them.",
    )
    name = LineField(label="Name", max_length=NAME_MAX_LENGTH, error_messages={"required": NAME_REQUIRED})
    duration = MinutesField(
        label="Duration",
        shortest=DURATION.shortest,
        longest=DURATION.longest,
        initial=DEFAULT_DURATION,
    )
    description = ParagraphsField(label="Description", max_length=DESCRIPTION_MAX_LENGTH, required=False)
    invitee_name = LineField(label="Invitee", max_length=NAME_MAX_LENGTH, required=False)
    invitee_email = MailboxField(label="Invitee's email", max_length=EMAIL_MAX_LENGTH, required=False)
    valid_until = LocalDateTimeField(
        label="Link valid until",
        max_length=40,
        required=False,
        help_text="If nobody books by then, the link expires and the held times are released.",
    )
    hold_times = forms.BooleanField(
        label="Hold these times",
        required=False,
        initial=True,
        help_text="Your other links don't offer them until this meeting is booked or deleted.",
        widget=Switch,
    )

    # The order on the page, because the focus goes to the first field with an error.
    field_order = ["organizer", "cohosts", "name", "duration", "location_kind", "location"]

    def __init__(self, *args: Any, colleagues: Colleagues, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.colleagues = colleagues
        self.people = {person.handle: person for person in colleagues.people}
        self.me = colleagues.me
        choices = [(person.handle, _label(person, self.me)) for person in colleagues.people]
        for name in ("organizer", "cohosts"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["organizer"].initial = self.me.handle
        self.fields["cohosts"].widget.organizer = self.chosen_organizer.handle
        self.offer_rooms(colleagues.people, usual_for=self.chosen_organizer)

    @property
    def chosen_organizer(self) -> User:
        """Return the organizer if `me` can create for them, otherwise `me`."""
        return self.people.get(str(self["organizer"].value() or "").lower(), self.me)

    @property
    def chosen_cohosts(self) -> list[User]:
        """Return at most MOST_COHOSTS of the chosen people whom `me` can add, by name, without the organizer."""
        chosen = {str(handle).lower() for handle in self["cohosts"].value() or []} - {self.chosen_organizer.handle}
        return [person for person in self.colleagues.people if person.handle in chosen][:MOST_COHOSTS]

    @property
    def chosen_people(self) -> list[User]:
        """Return the organizer, then the cohosts."""
        return [self.chosen_organizer, *self.chosen_cohosts]

    @property
    def offers_cohosts(self) -> bool:
        """Return whether there is anyone to choose, or an error to show about a choice."""
        return len(self.people) > 1 or "cohosts" in self.errors

    @property
    def chosen_duration(self) -> timedelta:
        """Return the duration if it is valid, otherwise the default."""
        try:
            typed = self.fields["duration"].clean(self["duration"].value())
        except ValidationError:
            return DEFAULT_DURATION
        return typed if isinstance(typed, timedelta) and not any(DURATION.refusals("", typed)) else DEFAULT_DURATION

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        readable = {name: cleaned[name] for name in DETAILS if name in cleaned}
        if "location_kind" not in readable:
            readable.pop("location", None)
        details = replace(READABLE, **readable)
        self.refuse(details_refusals(details, now=self.now))
        self.refuse(room_refusals(details, [self.chosen_organizer]))
        self.refuse(people_refusals(self.chosen_organizer, cleaned.get("cohosts", ()), self.colleagues))
        return cleaned

    def clean_cohosts(self) -> list[User]:
        """Ignore the organizer among the cohosts. They attend anyway."""
        cohosts = [self.people[handle] for handle in self.cleaned_data["cohosts"]]
        return [person for person in cohosts if person != self.chosen_organizer]

    def clean_valid_until(self) -> datetime | None:
        local = self.cleaned_data["valid_until"]
        return None if local is None else existing_moment(local, self.chosen_organizer.zone)

    def details(self) -> Details:
        return Details(**{name: self.cleaned_data[name] for name in DETAILS})


class TimesForm(forms.Form):
    """The times on the creator's page, and its pressed button. Ignores nonsense, as if no button was pressed."""

    toggle_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    add_time = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    copy_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    remove_time = forms.IntegerField(required=False, min_value=0, max_value=1000)
    month = forms.DateField(required=False, input_formats=["%Y-%m"])
    shown_month = forms.DateField(required=False, input_formats=["%Y-%m"])
    last_day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def __init__(self, data: QueryDict, *, organizer: User, now: datetime) -> None:
        super().__init__(data)
        self.texts = join_clocks(data.getlist("times"), data.getlist("clock"))
        self.first, self.last = proposable_days(organizer.zone, now)
        self.full_clean()

    @property
    def month_in_view(self) -> date:
        return self._month("month") or self._month("shown_month") or self.first

    @property
    def pressed_days(self) -> list[date]:
        """Return the days that a button adds times to."""
        return [day for name in ("toggle_day", "add_time") if (day := self.day(name))]

    @property
    def pressed_index(self) -> int | None:
        index: int | None = self.cleaned_data.get("remove_time")
        return index

    def day(self, name: str) -> date | None:
        """Return the day in this field, if times can be proposed on it."""
        return self._within(name, self.first)

    def _month(self, name: str) -> date | None:
        return self._within(name, self.first.replace(day=1))

    def _within(self, name: str, first: date) -> date | None:
        day = self.cleaned_data.get(name)
        return day if day is not None and first <= day <= self.last else None


class ChosenTimeForm(forms.Form):
    time = forms.UUIDField(error_messages={"required": "Choose a time."})


def typed_values(data: QueryDict) -> dict[str, Any]:
    """Return what was typed as initial values, for a form that wasn't submitted yet. Every field is taken as it is."""
    return {
        **{name: data.get(name, "") for name in CreatorForm.base_fields},
        "cohosts": data.getlist("cohosts"),
        "duration": data.get("set_duration") or data.get("duration", ""),
        "hold_times": Switch().value_from_datadict(data, None, "hold_times"),
        "valid_until": CreatorForm.base_fields["valid_until"].widget.value_from_datadict(data, {}, "valid_until"),
    }


def values_like(original: OneOffMeeting, now: datetime) -> dict[str, Any]:
    """Return the values of a one-off as initial values, without its times."""
    valid_until = original.valid_until
    return {
        "organizer": original.organizer.handle,
        "cohosts": [person.handle for person in original.cohosts.all()],
        "name": original.name,
        "duration": original.duration,
        **typed_location(original),
        "description": original.description,
        "hold_times": original.hold_times,
        "invitee_name": original.invitee_name,
        "invitee_email": original.invitee_email,
        "valid_until": format_local(local_time(valid_until, original.organizer.zone))
        if valid_until and valid_until > now
        else "",
    }


def _label(person: User, me: User) -> str:
    return f"{person.name} (you), {person.place}" if person == me else f"{person.name}, {person.place}"
