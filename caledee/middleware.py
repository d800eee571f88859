from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django_htmx.http import HttpResponseClientRedirect

from caledee.bodies import read_to_end
from caledee.reader import written_for

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def htmx_whole_page_redirect(get_response: GetResponse) -> GetResponse:
    """An htmx request that is redirected moves the whole page: a part never holds another page, such as sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "htmx", False) and response.status_code in {301, 302, 303}:
            redirect = HttpResponseClientRedirect(response["Location"])
            redirect.cookies = response.cookies  # messages travel in one
            return redirect
        return response

    return middleware


def written_for_who_is_signed_in(get_response: GetResponse) -> GetResponse:
    """Pages show times on the clock of whoever is signed in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with written_for(request.user):
            return get_response(request)

    return middleware


def read_refused_body(get_response: GetResponse) -> GetResponse:
    """A body that was refused, too large or malformed, is read to its end all the same."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code >= 400:
            with suppress(UnreadablePostError):
                read_to_end(request.read)
        return response

    return middleware
