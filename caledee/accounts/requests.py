"""The signed-in user of a request."""

from django.http import HttpRequest

from caledee.accounts.models import User


def signed_in_user(request: HttpRequest) -> User:
    """Return the user of a view behind LoginRequiredMiddleware."""
    assert isinstance(request.user, User)
    return request.user
