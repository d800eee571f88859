"""Forms of organizations. They validate and convert input but write nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.handles.names import validate_handle
from caledee.accounts.handles.register import find_obstacle
from caledee.accounts.models import Organization, Role
from caledee.accounts.teams.emails import WHAT_ROLES_MAY
from caledee.accounts.teams.rights import roles_to_give
from caledee.email.addresses import MailboxField
from caledee.web.forms import LineField


class OrganizationForm(forms.Form):
    """The name and handle of an organization. The handle of a new one defaults to its name."""

    name = LineField(label="Name", max_length=100, error_messages={"required": "Enter a name."})
    handle = LineField(
        label="Page address",
        max_length=40,
        required=False,
        help_text="The last part of the address: letters a to z, digits and hyphens. If empty, it is based on the "
        "name.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, now: Any, organization: Organization | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.organization = organization
        if organization is not None:
            self.initial = {"name": organization.name, "handle": organization.handle}
            self.fields["handle"].required = True
            self.fields["handle"].help_text = (
                "The last part of the address: letters a to z, digits and hyphens. After a change, old links "
                "redirect here for a while."
            )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not any(character.isalnum() for character in name):
            raise ValidationError("Enter a name with visible characters.", code="invalid")
        return name

    def clean_handle(self) -> str:
        handle = self.cleaned_data["handle"].lower()
        if not handle:
            return ""
        validate_handle(handle)
        if obstacle := find_obstacle(handle, bearer=self.organization, now=self.now):
            raise ValidationError(obstacle, code="handle_taken")
        return str(handle)


class RoleForm(forms.Form):
    """A role that a member with the role `giver` can assign."""

    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect, error_messages={"required": "Choose a role."})

    def __init__(self, *args: Any, giver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role.value, f"{role.label}. {WHAT_ROLES_MAY[role]}") for role in roles_to_give(giver)]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class InvitationForm(RoleForm):
    email = MailboxField(
        label="Email",
        max_length=254,
        help_text="The invitation works for this address only.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["email", "role"]
