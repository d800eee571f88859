"""Forms for team event types: a person's event type form plus hosts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caledee.accounts.models import Organization, User
from caledee.web.forms import SeveralField
from scheduling.event_type_rules import NO_HOST, TOO_MANY_HOSTS, not_a_member
from scheduling.forms.event_types import EventTypeForm
from scheduling.models import MOST_HOSTS, EventTypeKind
from scheduling.rules import Reason

HOSTS_HELP: dict[str, str] = {
    EventTypeKind.COLLECTIVE: "Times can be booked only when all hosts are working and free.",
    EventTypeKind.ROUND_ROBIN: "Times can be booked when any host is free.",
}


class TeamEventTypeForm(EventTypeForm):
    """A collective or round-robin event type of one of `organizations`, which the user administers.

    Hosts are chosen from the members of the selected organization, by default the first. The kind cannot change later.
    """

    organization = forms.ChoiceField(
        label="Organization",
        required=False,
        error_messages={"invalid_choice": "Choose one of the organizations that you administer."},
    )
    hosts = SeveralField(
        label="Hosts",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": NO_HOST, "invalid_list": NO_HOST},
    )
    organizer = forms.ChoiceField(
        label="Organizer",
        required=False,
        error_messages={"invalid_choice": "Choose one of the hosts as the organizer."},
        help_text="Their name appears on invitations. The other hosts take part as cohosts.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        organizations: Sequence[Organization],
        hosts: Sequence[User] = (),
        kind: EventTypeKind,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Edit an event type with these hosts, in order."""
        typed = (data if data is not None else initial or {}).get("organization")
        organization = next((each for each in organizations if each.handle == typed), organizations[0])
        now = {"hosts": [host.handle for host in hosts], "organizer": hosts[0].handle if hosts else ""}
        super().__init__(data, owner=organization, kind=kind, initial=now | (initial or {}), **kwargs)
        self.address_taken = f"Another event type of {organization.name} has this address."
        members = User.objects.filter(is_active=True, memberships__organization=organization)
        self.members = {member.handle: member for member in members.order_by("name", "handle")}
        self._offer_people(organizations)
        self.offer_rooms(self.members.values())
        self.fields["hosts"].error_messages["invalid_choice"] = not_a_member(organization)
        self.fields["hosts"].help_text = HOSTS_HELP[kind]
        if kind != EventTypeKind.COLLECTIVE:
            del self.fields["organizer"]
        if len(organizations) == 1 and typed in {None, organization.handle}:
            del self.fields["organization"]

    def _offer_people(self, organizations: Sequence[Organization]) -> None:
        people = [(handle, f"{member.name} ({member.place})") for handle, member in self.members.items()]
        self._set_choices("organization", [(each.handle, each.name) for each in organizations])
        self._set_choices("hosts", people)
        self._set_choices("organizer", [("", "The first host"), *people])

    def _set_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_hosts(self) -> list[User]:
        """Return the hosts in the order of the list."""
        chosen = set(self.cleaned_data["hosts"])
        hosts = [member for handle, member in self.members.items() if handle in chosen]
        if len(hosts) > MOST_HOSTS:
            raise ValidationError(TOO_MANY_HOSTS, code=Reason.TOO_MANY)
        return hosts

    def clean(self) -> dict[str, Any]:
        """Put the organizer of a collective event type first in `hosts`."""
        cleaned = super().clean()
        first, hosts = self.members.get(cleaned.get("organizer", "")), cleaned.get("hosts", [])
        if first is not None and hosts and first not in hosts:
            self.add_error("organizer", "The organizer must be a host. Select them as a host too.")
        if hosts:
            cleaned["hosts"] = self.ordered_hosts(cleaned)
        return cleaned

    def ordered_hosts(self, cleaned: Mapping[str, Any]) -> Sequence[User]:
        first = self.members.get(cleaned.get("organizer", ""))
        return sorted(cleaned.get("hosts", []), key=lambda host: host != first)
