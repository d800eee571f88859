from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import check

from caledee.ops.readiness import problems
from caledee.sealed import count_unreadable
from caledee.timekeeping.wording import say_count


class Command(check.Command):
    """Django's command, which then checks what the installation needs to serve requests, like `/healthz`."""

    help = "Check the settings, migrations, cache table and static files."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if app_labels or options["tags"] or options["list_tags"]:
            return
        if found := problems() or _unreadable_secrets():
            raise CommandError("\n".join(found))


def _unreadable_secrets() -> list[str]:
    """Look at the rows only if the migrations are complete. `/healthz` doesn't: the pages work without them."""
    if not (number := count_unreadable()):
        return []
    return [
        f"None of the keys can decrypt {say_count(number, 'stored secret')} of connected calendars. Add the key they "
        "were encrypted with to CALENDAR_KEYS, or let their owners connect the calendars again."
    ]
