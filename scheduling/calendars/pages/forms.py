"""The forms about connected calendars. They check and convert, and write nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from caledee.timekeeping.wording import say_duration
from caledee.web.forms import LineField
from scheduling.calendars.connecting import (
    ADDRESS_REQUIRED,
    PASSWORD_REQUIRED,
    STALE_CHOICES,
    USERNAME_REQUIRED,
    Choice,
)
from scheduling.calendars.models import Connection, ConnectionKind, OutsideCalendar, usual_stale_after
from scheduling.calendars.providers.protocol import Account
from scheduling.calendars.providers.services import SERVICES
from scheduling.rules import Refused

ADDRESS_MAX_LENGTH = 2000
CREDENTIAL_MAX_LENGTH = 500
ALL = "on"


class AccountForm(forms.Form):
    """Where to find calendars, and how to sign in. Secrets are never filled in again when a page is reloaded."""

    address = LineField(max_length=ADDRESS_MAX_LENGTH, error_messages={"required": ADDRESS_REQUIRED})

    @property
    def account(self) -> Account:
        return Account(
            self.cleaned_data["address"],
            self.cleaned_data.get("username", ""),
            self.cleaned_data.get("password", ""),
        )

    def add_refused(self, refused: Refused) -> None:
        """Show what the domain refuses beside the fields."""
        for refusal in refused.refusals:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


class FeedForm(AccountForm):
    address = LineField(
        label="Calendar address",
        max_length=ADDRESS_MAX_LENGTH,
        error_messages={"required": ADDRESS_REQUIRED},
        help_text="It starts with https:// or webcal:// and often ends with .ics.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


class CaldavForm(AccountForm):
    address = LineField(
        label="Server",
        max_length=ADDRESS_MAX_LENGTH,
        error_messages={"required": ADDRESS_REQUIRED},
        help_text="The address of your calendar server. Pick your service from the list, or type it.",
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "list": "services"}
        ),
    )
    username = LineField(
        label="User name",
        max_length=CREDENTIAL_MAX_LENGTH,
        error_messages={"required": USERNAME_REQUIRED},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=CREDENTIAL_MAX_LENGTH,
        strip=False,
        error_messages={"required": PASSWORD_REQUIRED},
        # What was typed stays there if something else is wrong: it is on this page anyway.
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )

    services = SERVICES


ACCOUNT_FORMS: dict[str, type[AccountForm]] = {
    ConnectionKind.FEED: FeedForm,
    ConnectionKind.CALDAV: CaldavForm,
}


def reconnect_form(connection: Connection, data: Any = None) -> AccountForm:
    """Return the form that replaces the address and the credentials. It shows none of the stored ones."""
    return ACCOUNT_FORMS[connection.kind](data)


class ChoiceForm(forms.Form):
    """Which calendars of a connection count. Scripts can send `counts=on` for all of them.

    `stale` fields say how long a reading counts as current, one for each calendar.
    """

    counts = forms.MultipleChoiceField(required=False)
    tentative = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, calendars: Sequence[OutsideCalendar]) -> None:
        super().__init__(data)
        self.calendars = calendars
        keys = [(str(calendar.pk), calendar.name) for calendar in calendars]
        for name in ("counts", "tentative"):
            self.fields[name].choices = [*keys, (ALL, "All")]  # type: ignore[attr-defined]
        for calendar in calendars:
            self.fields[stale_name(calendar)] = forms.TypedChoiceField(
                required=False,
                choices=[("", "")] + [(minutes_of(choice), "") for choice in STALE_CHOICES],
                coerce=lambda minutes: timedelta(minutes=int(minutes)),
                empty_value=None,
            )

    @property
    def choices(self) -> list[Choice]:
        return [
            Choice(calendar, self.counts_for(calendar), self.tentative_for(calendar), self.stale_after(calendar))
            for calendar in self.calendars
        ]

    def counts_for(self, calendar: OutsideCalendar) -> bool:
        return self._is_chosen("counts", calendar)

    def tentative_for(self, calendar: OutsideCalendar) -> bool:
        """Tentative entries of a calendar that isn't asked about on the page keep their setting."""
        return self._is_chosen("tentative", calendar) if self.is_from_page else calendar.tentative_counts

    def stale_after(self, calendar: OutsideCalendar) -> timedelta | None:
        name = stale_name(calendar)
        return self.cleaned_data[name] if name in self.data else calendar.stale_after

    @property
    def is_from_page(self) -> bool:
        """Return whether the settings were sent that only the page has."""
        return any(stale_name(calendar) in self.data for calendar in self.calendars)

    def _is_chosen(self, name: str, calendar: OutsideCalendar) -> bool:
        chosen = self.cleaned_data[name]
        return ALL in chosen or str(calendar.pk) in chosen


def stale_name(calendar: OutsideCalendar) -> str:
    return f"stale-{calendar.pk}"


def minutes_of(duration: timedelta) -> str:
    return str(duration // timedelta(minutes=1))


def stale_options(stale_after: timedelta | None) -> list[tuple[str, str, bool]]:
    """Return value, label and whether it is chosen, for each time after which a calendar counts as unknown."""
    usual = usual_stale_after()
    options = {"": f"{say_duration(usual)} (usual)"} | {
        minutes_of(choice): say_duration(choice) for choice in STALE_CHOICES if choice != usual
    }
    chosen = "" if stale_after in {None, usual} else minutes_of(stale_after or usual)
    return [(value, label, value == chosen) for value, label in options.items()]
