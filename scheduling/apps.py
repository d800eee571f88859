from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        # Registers event types as a source of bookings. It uses models, which this module can't import.
        import_module("scheduling.event_type_source")
        # Loads the listeners of every app, in the order of the installed apps.
        autodiscover_modules("listeners")
