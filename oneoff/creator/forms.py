"""What people type about one-off meetings. Forms check and convert; they write nothing."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.models import User
from caledee.email.addresses import MailboxField
from caledee.timekeeping.wording import say_names
from caledee.timekeeping.zones import LocalTimeMissing, moment_at
from caledee.web.clock_fields import LocalDateTimeField
from caledee.web.forms import LineField, MinutesField, ParagraphsField, SeveralField
from oneoff.creator.create import Details
from oneoff.permissions import Colleagues
from scheduling.forms.event_types import MINUTE, LocationFieldsMixin
from scheduling.models import LONGEST_DURATION, SHORTEST_DURATION

USUAL_DURATIONS = (15, 30, 45, 60)
DEFAULT_DURATION = timedelta(minutes=30)
MOST_COHOSTS = 9
HANDLE_MAX_LENGTH = 40


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


class CohostBoxes(forms.CheckboxSelectMultiple):
    """One box for each colleague; the organizer's is out of use, as they are there anyway."""

    organizer = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Without an id for the list, which the group around it has."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].pop("id", None)
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["disabled"] = value == self.organizer
        return option


class HandlesField(SeveralField):
    """Several people, by handle, in whatever case."""

    widget = CohostBoxes

    def to_python(self, value: Any) -> list[str]:
        return super().to_python([str(handle).lower()[:HANDLE_MAX_LENGTH] for handle in value or []])


class CreatorForm(LocationFieldsMixin, forms.Form):
    """A one-off meeting apart from its times, which `oneoff.creator.draft` reads."""

    organizer = HandleField(
        label="Organizer", required=False, error_messages={"invalid_choice": "You can't create meetings for them."}
    )
    cohosts = HandlesField(
        label="Also there",
        required=False,
        error_messages={
            "invalid_choice": "You can't add “%(value)s”: choose people of an organization that you administer."
        },
        help_text="Every time is kept free for each of them, too, and all of them are invited.",
    )
    name = LineField(label="Name", max_length=100, error_messages={"required": "Enter a name."})
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
        max_length=40,
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
    def chosen_cohosts(self) -> list[User]:
        """Who of those chosen may be added, by name, at most MOST_COHOSTS; the organizer is none of them."""
        field = self.fields["cohosts"]
        chosen = (
            field.widget.value_from_datadict(self.data, self.files, "cohosts")
            if self.is_bound
            else self.get_initial_for_field(field, "cohosts")
        )
        handles = {str(handle).lower() for handle in chosen or []} - {self.chosen_organizer.handle}
        return [person for person in self.colleagues.people if person.handle in handles][:MOST_COHOSTS]

    @property
    def chosen_people(self) -> list[User]:
        """The organizer, then the cohosts."""
        return [self.chosen_organizer, *self.chosen_cohosts]

    @property
    def offers_cohosts(self) -> bool:
        """Whether there is anybody to choose, or anything to be said of a choice."""
        return len(self.people) > 1 or "cohosts" in self.errors

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

    def clean_cohosts(self) -> list[User]:
        """Who is organizer is there anyway: that they are named here too is no mistake."""
        cohosts = [self.people[handle] for handle in self.cleaned_data["cohosts"]]
        cohosts = [person for person in cohosts if person != self.chosen_organizer]
        if len(cohosts) > MOST_COHOSTS:
            raise ValidationError(f"Choose at most {MOST_COHOSTS} people besides the organizer.", code="too_many")
        if cohosts and not self.colleagues.may_meet([self.chosen_organizer, *cohosts]):
            names = say_names(person.name for person in (self.chosen_organizer, *cohosts))
            raise ValidationError(
                f"There is no organization of yours to which all of them belong: {names}.", code="not_together"
            )
        return cohosts

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
    time = forms.UUIDField(error_messages={"required": "Choose a time."})


def _label(person: User, me: User) -> str:
    return f"{person.name} (you), {person.place}" if person == me else f"{person.name}, {person.place}"
