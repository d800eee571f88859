"""Who can sign up: SIGNUP, SIGNUP_DOMAINS and invitations.

An invitation is valid for the address it was sent to, and only with its secret link: this does not reveal whether an
address is invited. It overrides SIGNUP_DOMAINS, but not SIGNUP=closed.
"""

from datetime import datetime
from urllib.parse import urlsplit

from allauth.utils import get_request_param
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from caledee.accounts.models import Invitation
from caledee.ops.environment import ascii_domain
from caledee.timekeeping.wording import say_names


def may_see_sign_up(request: HttpRequest, *, now: datetime) -> bool:
    if settings.SIGNUP == "invited":
        return current_invitation(request, now=now) is not None
    return bool(settings.SIGNUP == "open")


def current_invitation(request: HttpRequest, *, now: datetime) -> Invitation | None:
    """Return the open invitation whose link led to this sign-up."""
    try:
        match = resolve(urlsplit(get_request_param(request, "next", "")).path)
    except (Resolver404, ValueError):
        return None
    if match.view_name != "team:invitation":
        return None
    return Invitation.objects.pending(now).filter(token=match.kwargs["token"]).first()


def require_signup_allowed(email: str, invitation: Invitation | None) -> None:
    """Raise ValidationError if this address cannot have an account here."""
    if invitation is not None and invitation.email.lower() == email.lower():
        return
    if settings.SIGNUP == "open" and (not settings.SIGNUP_DOMAINS or _domain_of(email) in settings.SIGNUP_DOMAINS):
        return
    if settings.SIGNUP == "open":
        domains = say_names(sorted(settings.SIGNUP_DOMAINS), "or")
        raise ValidationError(f"Use an email address at {domains}.", code="other_domain")
    raise ValidationError("Use the email address that the invitation was sent to.", code="not_invited")


def _domain_of(email: str) -> str:
    domain = email.rpartition("@")[2]
    try:
        return ascii_domain(domain)
    except ValueError:
        return domain
