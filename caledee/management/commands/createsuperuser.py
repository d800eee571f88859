import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError
from django.utils import timezone

from caledee.accounts.handles.register import find_obstacle


class Command(createsuperuser.Command):
    """Django's command, which also rejects handles that are taken by organizations or reserved."""

    def handle(self, *args: Any, **options: Any) -> None:
        handle = options["handle"] or os.environ.get("DJANGO_SUPERUSER_HANDLE")
        if handle and (obstacle := find_obstacle(handle, now=timezone.now())):
            raise CommandError(obstacle)
        super().handle(*args, **options)

    def get_input_data(self, field: Any, message: str, default: str | None = None) -> Any:
        value = super().get_input_data(field, message, default)
        if field.name == "handle" and value and (obstacle := find_obstacle(value, now=timezone.now())):
            self.stderr.write(f"Error: {obstacle}")
            return None
        return value
