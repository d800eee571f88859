"""Where a form comes from, as the browser that sends it says: from this site, or from another one.

Forms of strangers need no cookie and no CSRF token: they use nothing that another site could borrow, because the
address, or what is typed, is all there is to them. What is left is that another site should not send them in a
visitor's name, and browsers say when one does.
"""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from caledee.web.http import View

# Values of Sec-Fetch-Site (W3C Fetch Metadata): of this very origin, and of no site at all, such as a reload.
OURS, NOBODYS = "same-origin", "none"
OPAQUE = "null"  # an Origin that names no site


def public_form(view: View) -> View:
    """For a page whose form anyone may send, without signing in: no token is asked for, but not from another site."""

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and names_another_site(request):
            return refuse_another_site(request)
        return view(request, *args, **kwargs)

    return wrapper


def names_another_site(request: HttpRequest) -> bool:
    """Whether `Origin` or `Sec-Fetch-Site` names another site. One that shares our domain is another site too.

    Scripts send neither. Browsers have sent one or the other with every form since 2020, and to those before, cookies
    of SameSite=Lax are no use elsewhere. `Origin: null` is sent from sandboxes, but also by our own pages where an
    extension keeps referrers back: only Sec-Fetch-Site tells them apart.
    """
    origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    if site not in {"", OURS, NOBODYS}:
        return True
    if origin == OPAQUE:
        return not site
    return origin != "" and not _is_ours(request, origin)


def refers_to_another_site(request: HttpRequest) -> bool:
    """The same, where a request that says nothing by these headers may say it by `Referer`."""
    if {"Origin", "Sec-Fetch-Site"} & request.headers.keys():
        return names_another_site(request)
    referrer = request.headers.get("Referer", "")
    return referrer != "" and not _is_ours(request, _origin_of(referrer))


def comes_from_here(request: HttpRequest) -> bool:
    """Whether the request says that a page of ours sent it."""
    origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    return not names_another_site(request) and (site == OURS or origin not in {"", OPAQUE})


def refuse_another_site(request: HttpRequest) -> HttpResponseBase:
    return render(request, "errors/another_site.html", status=403)


def _is_ours(request: HttpRequest, origin: str) -> bool:
    """BASE_URL counts whatever the request's own host is, which a proxy may have changed."""
    ours = {*settings.CSRF_TRUSTED_ORIGINS, f"{request.scheme}://{request.get_host()}"}
    return origin.lower() in {each.lower() for each in ours}


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return OPAQUE
    return f"{parts.scheme}://{parts.netloc}"
