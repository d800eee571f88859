from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class BoundField(forms.BoundField):
    """What `forms/field.html` asks of a field beyond what Django says of it.

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
    """Every field of every form is drawn by one template."""

    field_template_name = "forms/field.html"
    bound_field_class = BoundField
