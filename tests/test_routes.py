"""The addresses of the site: none twice, and none that the page of a person or an organization could take."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, include
from django.urls import path as url

from caledee.accounts.handles.names import HANDLE, RESERVED_HANDLES


def first_segments() -> set[str]:
    """Return the first part of every fixed address of the site, except those that begin with a variable."""
    return set(segments_of(get_resolver().url_patterns))


def segments_of(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        segment = str(pattern.pattern).partition("/")[0]
        if segment and "<" not in segment:
            yield segment
        elif not segment and isinstance(pattern, URLResolver):
            yield from segments_of(pattern.url_patterns)


def test_no_address_of_the_site_can_be_shadowed_by_a_handle():
    fixed = {"demo", settings.STATIC_URL.strip("/")}  # of the demo alone, and of what serves static files
    could_be_handles = {segment for segment in first_segments() | fixed if HANDLE.fullmatch(segment)}

    assert {"accounts", "admin", "healthz"} <= could_be_handles
    assert could_be_handles - RESERVED_HANDLES == set()


def routes_of(patterns: list[URLPattern | URLResolver], start: str = "") -> Iterator[str]:
    """Return every route of the site in full, without the names of its variable parts."""
    for pattern in patterns:
        route = f"{start}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes_of(pattern.url_patterns, route)
        else:
            yield re.sub(r"<(?:(\w+):)?\w+>", r"<\1>", route)


def repeated(routes: Iterable[str]) -> set[str]:
    return {route for route, number in Counter(routes).items() if number > 1}


def test_no_address_is_registered_twice():
    routes = list(routes_of(get_resolver().url_patterns))

    assert {"bookings/<token>/", "meetings/", "<handle>/o/<token>/", "one-offs/<uuid>/cancel/"} <= set(routes)
    assert repeated(routes) == set()


def test_the_same_address_in_two_includes_is_found():
    def view(request):
        raise NotImplementedError

    one = url("", include(([url("bookings/<str:token>/", view)], "one")))
    other = url("bookings/", include(([url("<str:booking>/", view), url("<int:booking>/", view)], "other")))

    assert repeated(routes_of([one, other])) == {"bookings/<str>/"}
