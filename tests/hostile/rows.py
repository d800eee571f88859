"""The rows of the table of forms, and the kind of each field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.authority.matrix import Arguments, Things
from tests.authority.things import CALENDAR

# Of what is typed as text, all comes back with the form.
KEPT = {"line", "paragraphs", "email", "zone", "handle", "number", "search", "code"}
KINDS: dict[str, str] = {
    "line": "name location slug invitee_name confirmation template address username",
    "paragraphs": "description notes note reason",
    "email": "email login invitee_email",
    "zone": "time_zone",
    "handle": "handle",
    "number": "duration before_buffer after_buffer minimum_notice booking_window start_increment "
    "daily_limit invitee_limit",
    "choice": "location_kind active organizer cohosts organization hosts role clock week_start color_scheme weekdays "
    "own_reminders invitee_reminders direction time_zone_choice rooms "
    f"counts tentative stale-{CALENDAR}",
    "switch": "hold_times move_hours remember no_show one_off create refresh show_people",
    "local time": "valid_until times valid_until_date times_date",
    "time of day": "clock_beside start end monday-start sunday-end open0-start open0-end "
    "valid_until_clock times_clock",
    "day": "toggle_day add_time copy_day last_day month shown_month open0-date",
    "step": "step dates set_duration remove_time action back",
    "id": "time slot",
    "password": "password password1 oldpassword",
    "code": "code",
    "credential": "credential",
    "address": "next",
    "trap": "homepage",
    "nonce": "nonce",
}
# Kinds that are read alike share what is thrown at them in the ordinary run.
ALIKE = {
    "line": "text", "paragraphs": "text", "search": "text", "handle": "text",
    "choice": "choice", "switch": "choice", "step": "choice", "id": "choice",
    "local time": "time", "time of day": "time", "day": "time",
    "password": "secret", "code": "secret", "credential": "secret", "address": "secret", "trap": "secret",
    "nonce": "secret",
    "email": "email", "zone": "zone", "number": "number",
}  # fmt: skip
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}


@dataclass(frozen=True)
class FormRow:
    """`of` are the classes that read it, `more` the fields that no class names; `valid` is answered with `status`."""

    name: str
    who: str
    of: tuple[type, ...] = ()
    more: str = ""
    valid: Callable[[Things], dict[str, Any]] = lambda _: {}
    arguments: Arguments = lambda _: []
    status: int = 302
    without: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Return the kind of each field, by name."""
        names = [name for form in self.of for name in getattr(form, "base_fields", {})] + self.more.split()
        return {name: self._kind(name) for name in dict.fromkeys(names) if name not in self.without.split()}

    def _kind(self, name: str) -> str:
        # The creator's fields of a time of day are named like the setting of the clock.
        if (self.name, name) == ("oneoff:create", "clock"):
            return "time of day"
        return KIND_OF[name]


def sent(**fields: Any) -> Callable[[Things], dict[str, Any]]:
    return lambda _: fields
