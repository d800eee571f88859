from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        # Loads the sources of bookings and the listeners of every app, in the order of the installed apps.
        autodiscover_modules("booking_source", "listeners")
