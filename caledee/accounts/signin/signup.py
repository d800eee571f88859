"""Who may make an account: what SIGNUP and SIGNUP_DOMAINS say, and whoever holds an invitation.

An invitation counts for the address it was sent to, and only with its secret link in hand: whether an address is
invited is told to nobody else. It lets somebody in whose domain is not in SIGNUP_DOMAINS, too; with SIGNUP=closed it
does not.
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


def may_see_sign_up(request: HttpRequest, *, now: datetime) -> bool:
    if settings.SIGNUP == "invited":
        return invitation_in_hand(request, now=now) is not None
    return bool(settings.SIGNUP == "open")


def invitation_in_hand(request: HttpRequest, *, now: datetime) -> Invitation | None:
    """The open invitation that signing up leads to."""
    try:
        match = resolve(urlsplit(get_request_param(request, "next", "")).path)
    except (Resolver404, ValueError):
        return None
    if match.view_name != "team:invitation":
        return None
    return Invitation.objects.pending(now).filter(token=match.kwargs["token"]).first()


def require_admission(email: str, invitation: Invitation | None) -> None:
    """Raises ValidationError for an address that may not have an account here."""
    if invitation is not None and invitation.email.lower() == email.lower():
        return
    if settings.SIGNUP == "open" and (not settings.SIGNUP_DOMAINS or _domain_of(email) in settings.SIGNUP_DOMAINS):
        return
    if settings.SIGNUP == "open":
        domains = " or ".join(sorted(settings.SIGNUP_DOMAINS))
        raise ValidationError(f"Sign up with an address at {domains}.", code="other_domain")
    raise ValidationError("Use the address that the invitation was sent to.", code="not_invited")


def _domain_of(email: str) -> str:
    domain = email.rpartition("@")[2]
    try:
        return ascii_domain(domain)
    except ValueError:
        return domain
