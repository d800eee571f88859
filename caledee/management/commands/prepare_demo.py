from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caledee.demo.life import create_demo
from caledee.demo.static_files import collect_changed_files


class Command(BaseCommand):
    help = "Prepare what `demo` serves: tables, static files, people and meetings. Repeating it changes nothing."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("prepare_demo only works on the demo's own database. Run `manage.py demo`.")
        call_command("migrate", interactive=False)
        call_command("createcachetable")
        collect_changed_files()
        create_demo(now=timezone.now())
