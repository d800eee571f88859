from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import check

from caledee.ops.readiness import problems


class Command(check.Command):
    """Django's command, which then checks what the installation needs to serve requests, like `/healthz`."""

    help = "Check the settings, migrations, cache table and static files."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if app_labels or options["tags"] or options["list_tags"]:
            return
        if found := problems():
            raise CommandError("\n".join(found))
