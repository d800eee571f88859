"""For pages of the admin site to look at only."""

from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyMixin:
    """What writes it locks and checks more than a form of the admin would."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
