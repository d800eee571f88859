from importlib import import_module

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        # Registers event types as a source of bookings. It uses models, which this module can't import.
        import_module("scheduling.event_type_source")
