from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def htmx_whole_page_redirect(get_response: GetResponse) -> GetResponse:
    """An htmx request that is redirected moves the whole page: a part never holds another page, such as sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "htmx", False) and response.status_code in {301, 302, 303}:
            return HttpResponseClientRedirect(response["Location"])
        return response

    return middleware
