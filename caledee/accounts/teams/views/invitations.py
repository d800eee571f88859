"""Invite people to an organization, for owners and admins."""

from datetime import datetime
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from caledee.accounts.models import Membership, Role, User
from caledee.accounts.requests import signed_in_user
from caledee.accounts.teams.forms import InvitationForm
from caledee.accounts.teams.invitations import (
    AlreadyMember,
    InvitationClosed,
    invite,
    resend_invitation,
    withdraw_invitation,
)
from caledee.accounts.teams.organizations import NotAllowed, NotMember, PlanTooSmall
from caledee.accounts.teams.permissions import find_as_administrator, find_invitation
from caledee.accounts.teams.views.team import refusal, team_page_with
from caledee.limits.mailboxes import mailbox_of
from caledee.web.views import too_many_requests

# The window of the invitation limits.
PAUSE_SECONDS = 3600
NO_PLAN = "Inviting people requires the Team plan, which “{}” does not have. Current members keep their access."


@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    own = find_as_administrator(user, key)
    data = request.POST if request.method == "POST" else None
    form = InvitationForm(data, giver=own.role, initial={"role": Role.MEMBER})
    if form.is_valid():
        if not _may_send(request, form.cleaned_data["email"]):
            return _too_many(request)
        if _invite(request, own, form, user, now):
            return redirect("team:organization", key)
    context = {"form": form, "organization": own.organization}
    return TemplateResponse(request, "team/invite.html", context, status=422 if form.errors else 200)


@require_POST
def resend(request: HttpRequest, key: UUID, invitation: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_administrator(user, key)
    found = find_invitation(own, invitation)
    if not _may_send(request, found.email):
        return _too_many(request)
    try:
        resend_invitation(found, by=user, now=timezone.now())
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    except PlanTooSmall:
        return team_page_with(request, own, NO_PLAN.format(own.organization.name))
    except (AlreadyMember, InvitationClosed):
        return team_page_with(request, own, f"{found.email} is already in the organization.")
    messages.success(request, f"A new invitation was sent to {found.email}. The old link no longer works.")
    return redirect("team:organization", key)


@require_POST
def withdraw(request: HttpRequest, key: UUID, invitation: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_administrator(user, key)
    found = find_invitation(own, invitation)
    try:
        withdraw_invitation(found, by=user, now=timezone.now())
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    except InvitationClosed:
        return team_page_with(request, own, f"{found.email} has just accepted the invitation.")
    messages.success(request, f"The invitation to {found.email} was withdrawn. Its link no longer works.")
    return redirect("team:organization", key)


def _invite(request: HttpRequest, own: Membership, form: InvitationForm, user: User, now: datetime) -> bool:
    """Return whether the invitation was created. Otherwise the form has an error."""
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        made, was_open = invite(own.organization, email, role, by=user, now=now)
    except AlreadyMember:
        form.add_error("email", f"This person is already in “{own.organization.name}”.")
    except PlanTooSmall:
        form.add_error(None, NO_PLAN.format(own.organization.name))
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    else:
        words = f"An invitation was sent to {made.email}."
        if was_open:
            words = f"A new invitation was sent to {made.email}. The link in the previous one no longer works."
        messages.success(request, words)
        return True
    return False


def _may_send(request: HttpRequest, email: str) -> bool:
    """Count per inviter, and per invited address across all inviters."""
    by_person: bool = ratelimit.consume(request, action="invite")
    return by_person and bool(ratelimit.consume(request, action="invite_address", key=mailbox_of(email)))


def _too_many(request: HttpRequest) -> HttpResponseBase:
    response = too_many_requests(request)
    response["Retry-After"] = str(PAUSE_SECONDS)
    return response
