import re
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django_htmx.http import HttpResponseClientRedirect

from caledee.reader import written_for

PIECE = 64 * 1024
MOST_PIECES = 512  # 32 MB

# The addresses in which a token stands, and what goes on after it. A test compares them with the URLs.
SECRET_ADDRESS = re.compile(r"/(?:bookings|invitations|feeds|[A-Za-z0-9-]{3,40}/o)/[A-Za-z0-9]{16,64}(?![A-Za-z0-9])")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def keep_secret_addresses(get_response: GetResponse) -> GetResponse:
    """An address that is a secret goes to no other site, into no index and into no cache, unless the view itself says
    who may keep the answer.

    Whatever is answered, and whoever answers: of a refused method or form, too, and where nothing is found. What was
    there once may still be known to somebody.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if SECRET_ADDRESS.match(request.path_info):
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex, nofollow"
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


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
    """A body that was refused, too large or malformed, is read to its end all the same.

    A server that closes a connection on which bytes still arrive resets it, and the answer never gets there.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code >= 400:
            with suppress(UnreadablePostError):
                for _ in range(MOST_PIECES):
                    if not request.read(PIECE):
                        break
        return response

    return middleware
