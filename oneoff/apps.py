from importlib import import_module

from django.apps import AppConfig


class OneOffConfig(AppConfig):
    name = "oneoff"
    verbose_name = "One-off meetings"

    def ready(self) -> None:
        # Registers one-off meetings as a source of bookings. It uses models, which this module can't import.
        import_module("oneoff.source")
