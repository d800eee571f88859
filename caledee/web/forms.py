"""Shared form code: drawing fields and cleaning text."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.template import TemplateDoesNotExist

from caledee.timekeeping.zones import LocalTimeMissing, moment_at
from caledee.web.parts import parts_engine
from caledee.web.text import can_be_seen, remove_controls
from caledee.web.tokens import is_token, make_token
from caledee.web.unavailable import BUSY, is_form_refused

LOCAL_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)

TRAP = "homepage"
TRAPPED = (
    "Your form was not sent because a hidden field was filled in, which usually means spam. "
    "If your browser filled it in, send the form again. Your details are still here."
)

SPACES = re.compile(" {2,}")
# Text that email programs turn into a link: a scheme, "www.", a domain with a path.
LINK = re.compile(r"\w://|\bwww\.\w|\w\.[a-z]{2,}/", re.IGNORECASE)


class BoundField(forms.BoundField):
    """What `parts/field.jinja` needs to know about a field beyond Django's own.

    Two attributes of a widget control it: `data-switch` draws a large checkbox, and `data-needed` omits "(optional)"
    for a field that other fields can make required.
    """

    @property
    def is_first_error(self) -> bool:
        """Return whether this field gets the focus when the form is shown again."""
        return self.name == next((name for name in self.form.fields if name in self.form.errors), None)

    @property
    def is_optional(self) -> bool:
        typed = isinstance(self.field.widget, forms.Textarea | forms.TextInput)
        return typed and not self.field.required and "data-needed" not in self.field.widget.attrs

    @property
    def is_single_check(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_switch(self) -> bool:
        return "data-switch" in self.field.widget.attrs

    @property
    def choice_style(self) -> str:
        return "checks" if isinstance(self.field.widget, forms.CheckboxSelectMultiple) else "radios"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        if self.is_first_error and not self.use_fieldset:
            attrs["autofocus"] = True
        return attrs


class FormRenderer(TemplatesSetting):
    """Draw every field of every form with one part. Django's own widgets are parts too."""

    field_template_name = "field.jinja"
    bound_field_class = BoundField

    def get_template(self, template_name: str) -> Any:
        try:
            return parts_engine().get_template(template_name)
        except TemplateDoesNotExist:
            # The widgets of the admin are Django templates.
            return super().get_template(template_name)


class KeptMixin(forms.Form):
    """Show the form again with its input if the database made the sender wait too long."""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and is_form_refused():
            self.add_error(None, ValidationError(BUSY, code="busy"))


class TrapMixin(KeptMixin):
    """Refuse spam with an invisible field (`components/trap.html`): a sender that fills it in did not read the page.

    Shows an error instead of pretending to succeed: if a browser filled it in, the person must not believe that they
    have a booking. The field is empty again when the form is shown, so sending it once more works.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get(TRAP):
            self.add_error(None, ValidationError(TRAPPED, code="trap"))
        return cleaned


class NonceField(forms.CharField):
    """A random word in a form, which identifies the form if it is sent again.

    It stays the same when the form is shown again. Any other value counts as empty.
    """

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, initial=make_token, **kwargs)

    def clean(self, value: Any) -> str:
        return value if isinstance(value, str) and is_token(value) else ""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.clean(data) or initial


class LineField(forms.CharField):
    """One line of text. Control characters and line breaks become single spaces, the rest stays as typed, including
    non-breaking and wide spaces. Invisible text counts as empty.
    """

    def to_python(self, value: Any) -> str:
        text = SPACES.sub(" ", remove_controls(super().to_python(value) or "", keep="")).strip()
        return text if can_be_seen(text) else ""


class PersonNameField(LineField):
    """A person's name. Links are refused, because names appear in emails that Caledee sends."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if LINK.search(value):
            raise ValidationError("Enter a name without a link.", code="link")


class ParagraphsField(forms.CharField):
    """Several lines of text, without control characters other than line breaks."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        return remove_controls(text, keep="\n").strip()


class SeveralField(forms.MultipleChoiceField):
    """Several of the choices, each counted once, no matter how many values a form sends."""

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(super().to_python(value)))

    def validate(self, value: list[str]) -> None:
        forms.Field.validate(self, value)
        known = {str(key) for key, _ in self.widget.choices}
        unknown = next((each for each in value if each not in known), None)
        if unknown is not None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": unknown}
            )


class UnitsField(forms.IntegerField):
    """A duration, typed as a whole number of units.

    The browser learns the bounds from the field. They are a rule of the domain, which the form has to ask.
    """

    unit: timedelta

    def __init__(self, *, shortest: timedelta, longest: timedelta, **options: Any) -> None:
        self.bounds = {"min": shortest // self.unit, "max": longest // self.unit}
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | self.bounds

    def clean(self, value: Any) -> timedelta | None:
        number = super().clean(value)
        try:
            return None if number is None else number * self.unit
        except OverflowError:
            return timedelta.max if number > 0 else timedelta.min

    def prepare_value(self, value: Any) -> Any:
        return value // self.unit if isinstance(value, timedelta) else value


class MinutesField(UnitsField):
    unit = timedelta(minutes=1)
    default_error_messages = {
        "required": "Enter the number of minutes.",
        "invalid": "Enter a whole number of minutes, such as 30.",
    }


class DaysField(UnitsField):
    unit = timedelta(days=1)
    default_error_messages = {
        "required": "Enter the number of days.",
        "invalid": "Enter a whole number of days, such as 60.",
    }


def parse_local_time(text: str) -> datetime | None:
    """Parse `2026-12-01T09:00` into a naive datetime, or return None. Seconds, which some browsers add, must be 0."""
    if not LOCAL_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def existing_moment(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time. Raises ValidationError if the clocks skip it."""
    try:
        return moment_at(local, zone)
    except LocalTimeMissing as error:
        raise ValidationError("This time doesn't exist because the clocks go forward.", code="missing") from error
