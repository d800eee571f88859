from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import check

from caledee.ops.readiness import problems


class Command(check.Command):
    """Django's own, which then looks at what the installation needs before it can serve, as `/healthz` does."""

    help = "Check the settings, and that migrations, cache table and static files are in place."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if app_labels or options["tags"] or options["list_tags"]:
            return
        if found := problems():
            raise CommandError("\n".join(found))
