from django.apps import AppConfig

from caledee.ops import checks  # noqa: F401 # registers the checks
from caledee.web.converters import register_converters


class CaledeeConfig(AppConfig):
    name = "caledee"

    def ready(self) -> None:
        register_converters()
