"""Ending sessions."""

from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from caledee.accounts.models import User


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """End all sessions of `user` except this request's, if it is theirs."""
    end_sessions(user)
    if request.user.pk == user.pk:
        update_session_auth_hash(request, user)


def end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
