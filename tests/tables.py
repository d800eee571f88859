"""All that is in the database, to show that something changed nothing."""

from django.apps import apps


def all_rows() -> dict[str, list[dict[str, object]]]:
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}
