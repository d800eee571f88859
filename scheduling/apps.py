from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        """Load the listeners of every app, in the order of the installed apps."""
        autodiscover_modules("listeners")
