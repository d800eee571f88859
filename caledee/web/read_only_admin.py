"""Read-only pages of the admin site."""

from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyMixin:
    """Prevent changes in the admin: the domain code locks and checks more than a form does."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
