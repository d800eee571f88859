from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from caledee.accounts.requests import signed_in_user
from scheduling.pages.undelivered import put_away
from scheduling.permissions import find_undelivered_email


@require_POST
def understood(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Dismiss the notice about an undelivered email and return to its page."""
    put_away(find_undelivered_email(signed_in_user(request), key), now=timezone.now())
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return redirect(page if is_ours else "scheduling:meetings")
