"""The team page, and what owners do with the organization."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caledee.accounts.handles.register import HandleTaken
from caledee.accounts.models import Membership, Role
from caledee.accounts.plans import Plan
from caledee.accounts.requests import signed_in_user
from caledee.accounts.teams.forms import OrganizationForm
from caledee.accounts.teams.memberships import LastOwner, leave_organization
from caledee.accounts.teams.organizations import (
    NotAllowed,
    NotMember,
    PlanTooSmall,
    create_organization,
    delete_organization,
    rename_organization,
)
from caledee.accounts.teams.permissions import find_as_owner, find_membership, own_memberships
from caledee.accounts.teams.rights import may_administer
from caledee.accounts.teams.rows import invitation_rows, may_invite, team_rows

ONLY_OWNER = (
    "You are the only owner of “{}”, and an organization must have one. Make someone else an owner first, or delete "
    "the organization."
)


@require_safe
def team(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the first organization, or explain teams to users without one."""
    user = signed_in_user(request)
    memberships = list(own_memberships(user))
    if not memberships:
        context = {"heading": "You are not in an organization yet", "may_create": user.plan == Plan.TEAM}
        return TemplateResponse(request, "team/none.html", context)
    return _page(request, memberships[0], memberships)


@require_safe
def organization(request: HttpRequest, key: UUID) -> HttpResponseBase:
    memberships = list(own_memberships(signed_in_user(request)))
    shown = next((each for each in memberships if each.organization_id == key), None)
    if shown is None:
        raise Http404
    return _page(request, shown, memberships)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    form = OrganizationForm(request.POST if request.method == "POST" else None, now=now)
    may_create = user.plan == Plan.TEAM
    if may_create and form.is_valid():
        try:
            made = create_organization(user, **form.cleaned_data, now=now)
        except HandleTaken as error:
            form.add_error("handle", error.obstacle)
        except PlanTooSmall:
            may_create = False
        else:
            messages.success(request, f"“{made.name}” was created with you as its owner. Now invite your team.")
            return redirect("team:organization", made.pk)
    if not may_create:
        context = {"heading": "Creating an organization requires the Team plan", "may_create": False}
        return TemplateResponse(request, "team/none.html", context, status=422 if request.method == "POST" else 200)
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user, now = signed_in_user(request), timezone.now()
    own = find_as_owner(user, key)
    form = OrganizationForm(request.POST if request.method == "POST" else None, now=now, organization=own.organization)
    if form.is_valid():
        try:
            rename_organization(own.organization, by=user, **form.cleaned_data, now=now)
        except HandleTaken as error:
            form.add_error("handle", error.obstacle)
        except (NotMember, NotAllowed) as error:
            raise refusal(error) from error
        else:
            messages.success(request, f"“{form.cleaned_data['name']}” was saved.")
            return redirect("team:organization", key)
    return _form_page(request, form, own)


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_as_owner(user, key)
    try:
        delete_organization(own.organization, by=user, now=timezone.now())
    except (NotMember, NotAllowed) as error:
        raise refusal(error) from error
    messages.success(request, f"“{own.organization.name}” was deleted. All members keep their meetings.")
    return redirect("team:team")


@require_POST
def leave(request: HttpRequest, key: UUID) -> HttpResponseBase:
    user = signed_in_user(request)
    own = find_membership(user, key)
    try:
        leave_organization(own.organization, user)
    except NotMember as error:
        raise refusal(error) from error
    except LastOwner:
        return team_page_with(request, own, ONLY_OWNER.format(own.organization.name))
    messages.success(request, f"You have left “{own.organization.name}”. You keep your meetings and event types.")
    return redirect("team:team")


def refusal(error: NotMember | NotAllowed) -> Exception:
    """Return the HTTP error for a role that was lost between showing the form and writing."""
    return Http404() if isinstance(error, NotMember) else PermissionDenied()


def team_page_with(request: HttpRequest, own: Membership, problem: str) -> HttpResponseBase:
    """Show the page again with an error and the current state."""
    memberships = list(own_memberships(signed_in_user(request)))
    return _page(request, own, memberships, problem=problem)


def _page(
    request: HttpRequest, own: Membership, memberships: list[Membership], *, problem: str = ""
) -> HttpResponseBase:
    user, shown = signed_in_user(request), own.organization
    own.user = user
    administers = may_administer(own.role)
    context = {
        "organization": shown,
        "public_page": f"{settings.BASE_URL}{shown.get_absolute_url()}",
        "tabs": [each.organization for each in memberships] if len(memberships) > 1 else [],
        "people": team_rows(own),
        "invitations": invitation_rows(own, now=timezone.now()),
        "administers": administers,
        "may_invite": may_invite(own),
        "is_owner": own.role == Role.OWNER,
        "may_create": user.plan == Plan.TEAM,
        "problem": problem,
    }
    return TemplateResponse(request, "team/team.html", context, status=409 if problem else 200)


def _form_page(request: HttpRequest, form: OrganizationForm, own: Membership | None = None) -> HttpResponseBase:
    context = {
        "form": form,
        "organization": own.organization if own else None,
        "page_address": f"{settings.BASE_URL}/",
        "way_back": reverse("team:organization", args=[own.organization_id]) if own else reverse("team:team"),
    }
    return TemplateResponse(request, "team/form.html", context, status=422 if form.errors else 200)
