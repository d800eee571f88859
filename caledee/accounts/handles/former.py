"""Redirects from former handles."""

from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from caledee.accounts.handles.register import present_handle
from caledee.web.http import View


def at_present_handle(view: View) -> View:
    """Redirect a page under a former handle to the current one.

    Redirects only if the page exists, so an old URL reveals no more than the current one. Forms that were opened
    before the change are accepted.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, handle: str, **names: object) -> HttpResponseBase:
        try:
            return view(request, handle=handle, **names)
        except Http404:
            present = present_handle(handle)
            if present is None:
                raise
        response = view(request, handle=present, **names)
        if request.method == "POST":
            return response
        assert request.resolver_match is not None
        address = reverse(request.resolver_match.view_name, kwargs={"handle": present, **names})
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)

    return wrapper
