"""The page of an invitation, for anyone with its link. Only its button accepts, opening it does not."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caledee.accounts.models import Invitation, Membership, Role
from caledee.accounts.requests import signed_in_user
from caledee.accounts.teams.emails import WHAT_ROLES_MAY, say_expiry
from caledee.accounts.teams.invitations import InvitationClosed, WrongAddress, accept_invitation, is_for
from caledee.accounts.teams.organizations import NotMember
from caledee.accounts.teams.permissions import find_invitation_by_token
from caledee.web.http import token_page


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@token_page
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    found = find_invitation_by_token(token)
    if request.method == "POST":
        return _accept(request, found)
    return _page(request, found) if found.is_pending(timezone.now()) else _closed(request, found)


def _accept(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    now = timezone.now()
    if not request.user.is_authenticated:
        return redirect_to_login(request.path) if found.is_pending(now) else _closed(request, found)
    user = signed_in_user(request)
    was_in = _membership_of(request, found) is not None
    try:
        membership = accept_invitation(found, user, now=now)
    except NotMember as error:
        raise Http404 from error
    except InvitationClosed:
        return _closed(request, found)
    except WrongAddress:
        return _page(request, found, status=403) if found.is_pending(now) else _closed(request, found)
    role = Role(membership.role).label.lower()
    name = found.organization.name
    messages.success(
        request,
        f"You are already in “{name}”. Your role is {role}."
        if was_in
        else f"You have joined “{name}”. Your role is {role}.",
    )
    return redirect("team:organization", found.organization_id)


def _page(request: HttpRequest, found: Invitation, *, status: int = 200) -> HttpResponseBase:
    user = signed_in_user(request) if request.user.is_authenticated else None
    role = Role(found.role)
    context = {
        "organization": found.organization,
        "email": found.email,
        "role": role.label,
        "what_it_may": WHAT_ROLES_MAY[role],
        "valid_until": say_expiry(found),
        "is_for_user": user is not None and is_for(found, user),
        "has_address": user is not None and user.email.lower() == found.email.lower(),
        "is_in": _membership_of(request, found) is not None,
        "login_address": _address("account_login", next=request.path),
        "signup_address": ""
        if settings.SIGNUP == "closed"
        else _address("account_signup", next=request.path, email=found.email),
    }
    return TemplateResponse(request, "team/invitation.html", context, status=status)


def _closed(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    """Tell strangers only that the invitation is closed. Members get a link to the organization."""
    reason = "accepted" if found.accepted_at else "withdrawn" if found.withdrawn_at else "expired"
    membership = _membership_of(request, found)
    context = {"reason": reason, "organization": found.organization if membership else None}
    return TemplateResponse(request, "team/invitation_closed.html", context, status=410)


def _membership_of(request: HttpRequest, found: Invitation) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    return Membership.objects.filter(organization=found.organization_id, user=signed_in_user(request)).first()


def _address(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
