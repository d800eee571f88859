from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from caledee.ops.dumps import DumpError, write_dump


class Command(BaseCommand):
    help = "Write the whole database to a file. The site can stay in use."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the new file; it must not exist yet")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            write_dump(settings.DATABASES["default"], file)
        except (DumpError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        self.stdout.write(f"Backup written to {file}. Protect it like the database.")
