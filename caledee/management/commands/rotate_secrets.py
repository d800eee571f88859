from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caledee.sealed import rotate_all


class Command(BaseCommand):
    help = (
        "Encrypt the stored secrets of connected calendars with the first key in CALENDAR_KEYS. The exit code is 1 if "
        "some can't be decrypted."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotate_all()
        self.stdout.write(f"Encrypted with the first key: {done.rotated}")
        self.stdout.write(f"Had the first key already: {done.current}")
        if done.unreadable:
            raise CommandError(
                f"None of the keys can decrypt: {done.unreadable}. Add the key they were encrypted with to "
                "CALENDAR_KEYS and run this again, or let their owners connect the calendars again."
            )
