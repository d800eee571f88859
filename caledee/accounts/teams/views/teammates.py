"""Manage one member of an organization: role, removal, ownership."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from caledee.accounts.models import Membership, Role
from caledee.accounts.requests import signed_in_user
from caledee.accounts.teams.forms import RoleForm
from caledee.accounts.teams.memberships import LastOwner, change_role, remove_member, transfer_ownership
from caledee.accounts.teams.organizations import NotAllowed, NotMember
from caledee.accounts.teams.permissions import find_as_administrator, find_as_owner, find_managed
from caledee.accounts.teams.views.team import refusal, team_page_with

LAST_OWNER = "An organization must have an owner, and this is the only one. Make someone else an owner first."


@require_http_methods(["GET", "HEAD", "POST"])
def teammate(request: HttpRequest, key: UUID, person: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_administrator(user, key)
    found = find_managed(own, person)
    data = request.POST if request.method == "POST" else None
    form = RoleForm(data, giver=own.role, initial={"role": found.role})
    if form.is_valid():
        role: Role = form.cleaned_data["role"]
        try:
            change_role(own.organization, found.user, role, by=user, now=timezone.now())
        except LastOwner:
            form.add_error("role", LAST_OWNER)
        except (NotMember, NotAllowed) as error:
            raise refusal(error) from error
        else:
            messages.success(request, f"{found.user.name} is {role.label.lower()} now.")
            return redirect("team:organization", key)
    return _page(request, own, found, form)


@require_POST
def remove(request: HttpRequest, key: UUID, person: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_administrator(user, key)
    found = find_managed(own, person)
    try:
        remove_member(own.organization, found.user, by=user, now=timezone.now())
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    except LastOwner:
        return team_page_with(request, own, LAST_OWNER)
    messages.success(request, f"{found.user.name} is no longer in “{own.organization.name}”.")
    return redirect("team:team") if found.user_id == user.pk else redirect("team:organization", key)


@require_POST
def transfer(request: HttpRequest, key: UUID, person: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_owner(user, key)
    found = find_managed(own, person)
    try:
        transfer_ownership(own.organization, found.user, by=user, now=timezone.now())
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    messages.success(request, f"{found.user.name} is now an owner, and you are an admin.")
    return redirect("team:organization", key)


def _page(request: HttpRequest, own: Membership, found: Membership, form: RoleForm) -> HttpResponseBase:
    is_self = found.user_id == own.user_id
    context = {
        "form": form,
        "organization": own.organization,
        "person": found.user,
        "is_self": is_self,
        "may_transfer": own.role == Role.OWNER and not is_self,
    }
    return TemplateResponse(request, "team/teammate.html", context, status=422 if form.errors else 200)
