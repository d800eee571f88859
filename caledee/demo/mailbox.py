"""The emails of the demo, shown as their recipients see them. The addresses exist only where `settings.DEMO` is on."""

from datetime import UTC, tzinfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from caledee.accounts.models import User
from caledee.demo.stored_emails import StoredEmail, find_email, list_emails, next_newer, next_older

LISTED = 200  # the newest ones
SANDBOX = ["allow-popups", "allow-popups-to-escape-sandbox"]
# The page itself stays as strict as all others. What it frames brings a policy of its own.
PAGE_CSP = settings.SECURE_CSP | {"frame-src": [CSP.SELF]}
# An email brings its styles with it. Nothing else of it is loaded or run, however it is opened.
EMAIL_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:"],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": SANDBOX,
}
# The first <base> with a target counts, whatever the email says.
LINKS_OPEN_A_TAB = '<!doctype html><base target="_blank">'


@require_safe
@login_not_required
@never_cache
def demo_email_list(request: HttpRequest) -> HttpResponseBase:
    emails, total = list_emails(LISTED)
    context = {"emails": emails, "total": total, "zone": _zone_of(request.user)}
    return TemplateResponse(request, "demo/email_list.html", context)


@require_safe
@login_not_required
@never_cache
@csp_override(PAGE_CSP)
def demo_email(request: HttpRequest, name: str) -> HttpResponseBase:
    context = {
        "email": _find(name),
        "newer": next_newer(name),
        "older": next_older(name),
        "sandbox": " ".join(SANDBOX),
        "zone": _zone_of(request.user),
    }
    return TemplateResponse(request, "demo/email.html", context)


@require_safe
@login_not_required
@never_cache
@xframe_options_sameorigin
@csp_override(EMAIL_CSP)
def demo_email_html(_request: HttpRequest, name: str) -> HttpResponseBase:
    if (html := _find(name).html) is None:
        raise Http404
    return HttpResponse(LINKS_OPEN_A_TAB + html)


@require_safe
@login_not_required
@never_cache
def demo_email_invite(_request: HttpRequest, name: str) -> HttpResponseBase:
    if (invite := _find(name).invite) is None:
        raise Http404
    return _download(invite, "invite.ics", "text/calendar; charset=utf-8")


@require_safe
@login_not_required
@never_cache
def demo_email_file(_request: HttpRequest, name: str) -> HttpResponseBase:
    return _download(_find(name).content, f"{name}.eml", "message/rfc822")


urlpatterns = [
    path("", demo_email_list, name="demo_email_list"),
    path("<str:name>/", demo_email, name="demo_email"),
    path("<str:name>/message.html", demo_email_html, name="demo_email_html"),
    path("<str:name>/invite.ics", demo_email_invite, name="demo_email_invite"),
    path("<str:name>/message.eml", demo_email_file, name="demo_email_file"),
]


def _find(name: str) -> StoredEmail:
    if (found := find_email(name)) is None:
        raise Http404
    return found


def _zone_of(reader: User | AnonymousUser) -> tzinfo:
    return reader.zone if isinstance(reader, User) else UTC


def _download(content: bytes, filename: str, content_type: str) -> HttpResponse:
    disposition = f'attachment; filename="{filename}"'
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})
