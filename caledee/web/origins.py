"""Check where a form comes from: this site or another one, as the browser reports it.

Forms for visitors without an account need no cookie and no CSRF token: they carry no authority that another site could
abuse. But other sites must not send them on behalf of a visitor, and browsers report it when they do.
"""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from caledee.web.http import View

# Values of Sec-Fetch-Site (W3C Fetch Metadata): the same origin, or no site at all, such as a reload.
OURS, NO_ORIGIN = "same-origin", "none"
OPAQUE = "null"  # an opaque Origin, which names no site


def public_form(view: View) -> View:
    """Accept a form without CSRF token from anyone, signed in or not, but not from another site."""

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and names_another_site(request):
            return refuse_another_site(request)
        return view(request, *args, **kwargs)

    return wrapper


def names_another_site(request: HttpRequest) -> bool:
    """Return whether `Origin` or `Sec-Fetch-Site` names another site. A sibling subdomain is another site too.

    Scripts send neither header. Browsers have sent one of them with every form since 2020, and before that
    SameSite=Lax already protected cookies. `Origin: null` comes from sandboxes, but also from our own pages if an
    extension hides referrers: only Sec-Fetch-Site tells these apart.
    """
    origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    if site not in {"", OURS, NO_ORIGIN}:
        return True
    if origin == OPAQUE:
        return not site
    return origin != "" and not _is_ours(request, origin)


def refers_to_another_site(request: HttpRequest) -> bool:
    """Like `names_another_site`, but check `Referer` if the request has neither header."""
    if {"Origin", "Sec-Fetch-Site"} & request.headers.keys():
        return names_another_site(request)
    referrer = request.headers.get("Referer", "")
    return referrer != "" and not _is_ours(request, _origin_of(referrer))


def comes_from_here(request: HttpRequest) -> bool:
    """Return whether the request claims to come from one of our pages."""
    origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    return not names_another_site(request) and (site == OURS or origin not in {"", OPAQUE})


def refuse_another_site(request: HttpRequest) -> HttpResponseBase:
    return render(request, "errors/another_site.html", status=403)


def _is_ours(request: HttpRequest, origin: str) -> bool:
    """Accept BASE_URL too: a proxy can change the request's host."""
    ours = {*settings.CSRF_TRUSTED_ORIGINS, f"{request.scheme}://{request.get_host()}"}
    return origin.lower() in {each.lower() for each in ours}


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return OPAQUE
    return f"{parts.scheme}://{parts.netloc}"
