from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """An app without models. The worker finds background tasks in apps."""

    name = "caledee.upkeep"
