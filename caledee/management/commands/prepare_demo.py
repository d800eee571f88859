from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from caledee.demo.people import create_demo_people


class Command(BaseCommand):
    help = "What `demo` runs before it serves: tables, static files, the demo people. Repeating it changes nothing."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is only for the demo's own database; run `manage.py demo`.")
        call_command("migrate", interactive=False)
        call_command("createcachetable")
        call_command("collectstatic", interactive=False)
        create_demo_people()
