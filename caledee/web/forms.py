"""What every form shares: how fields are drawn, and how typed text is cleaned."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.template import TemplateDoesNotExist

from caledee.web.parts import parts_engine
from caledee.web.text import can_be_seen, remove_controls
from caledee.web.tokens import is_token, make_token
from caledee.web.unavailable import BUSY, is_form_refused

LOCAL_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)

TRAP = "homepage"
TRAPPED = (
    "Nothing was sent: a hidden field was filled in, as programs that send unwanted forms do. "
    "If it was your browser, send the form again; nothing you typed is lost."
)

SPACES = re.compile(" {2,}")
# What mail programs turn into a link: a scheme, "www.", a domain with a path.
LINK = re.compile(r"\w://|\bwww\.\w|\w\.[a-z]{2,}/", re.IGNORECASE)


class BoundField(forms.BoundField):
    """What `parts/field.jinja` asks of a field beyond what Django says of it.

    Two attributes of a widget speak to it: `data-switch` draws a checkbox as one big decision, and `data-needed`
    keeps "(optional)" away from a field that only some answers to other fields make required.
    """

    @property
    def is_first_error(self) -> bool:
        """Whether the focus belongs here when the form is shown again."""
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
    """Every field of every form is drawn by one part, in which Django's own widgets are parts, too."""

    field_template_name = "field.jinja"
    bound_field_class = BoundField

    def get_template(self, template_name: str) -> Any:
        try:
            return parts_engine().get_template(template_name)
        except TemplateDoesNotExist:
            # The admin's widgets are templates of Django.
            return super().get_template(template_name)


class KeptMixin(forms.Form):
    """Comes back with all that was typed where the database made its sender wait too long."""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and is_form_refused():
            self.add_error(None, ValidationError(BUSY, code="busy"))


class TrapMixin(KeptMixin):
    """With `components/trap.html`, a field that nobody sees: what fills in all there is did not read the page.

    It refuses with a reason instead of pretending to succeed: where a browser filled it in for a person, they must not
    believe that they booked. The page that comes back has the field empty, so that sending it again works.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get(TRAP):
            self.add_error(None, ValidationError(TRAPPED, code="trap"))
        return cleaned


class NonceField(forms.CharField):
    """A random word drawn into a form, which tells the very same form, sent again, from any other.

    It stays with the form when the form is shown again. Anything else that is sent here counts as nothing.
    """

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, initial=make_token, **kwargs)

    def clean(self, value: Any) -> str:
        return value if isinstance(value, str) and is_token(value) else ""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.clean(data) or initial


class LineField(forms.CharField):
    """One line of text. Control characters and line breaks become spaces, of which one is enough; the rest stays as it
    was typed, hard and wide spaces included. Text of which nothing can be seen is none."""

    def to_python(self, value: Any) -> str:
        text = SPACES.sub(" ", remove_controls(super().to_python(value) or "", keep="")).strip()
        return text if can_be_seen(text) else ""


class PersonNameField(LineField):
    """A person's name. It stands in emails that Caledee sends, so it is no place for a link."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if LINK.search(value):
            raise ValidationError("Enter a name without a link.", code="link")


class ParagraphsField(forms.CharField):
    """Several lines of text, without any control character but the line break."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        return remove_controls(text, keep="\n").strip()


class SeveralField(forms.MultipleChoiceField):
    """Several of the choices, each counted once, however often and however many a form sends."""

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
    default_error_messages = {"required": "Enter how many minutes.", "invalid": "Enter whole minutes, such as 30."}


class DaysField(UnitsField):
    unit = timedelta(days=1)
    default_error_messages = {"required": "Enter how many days.", "invalid": "Enter whole days, such as 60."}


def parse_local_time(text: str) -> datetime | None:
    """`2026-12-01T09:00` as a naive datetime; seconds, which some browsers add, must be zero. Else None."""
    if not LOCAL_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
