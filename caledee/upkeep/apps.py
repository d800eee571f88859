from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """No models: it is here so that the worker finds its background work."""

    name = "caledee.upkeep"
