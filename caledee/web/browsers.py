"""What a browser reveals about its user, even without an account: their time zone and clock."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caledee.places.tables import present_name
from caledee.timekeeping.clock import Clock
from caledee.timekeeping.zones import is_zone_name
from caledee.web.clock_regions import clock_for

COOKIE_AGE = 400 * 24 * 3600
CLOCK_COOKIE = "clock"
# static/js/time-zone.js sets it to the browser's zone on every visit.
ZONE_COOKIE = "time_zone"


def zone_of_browser(request: HttpRequest) -> ZoneInfo | None:
    """Return the browser's zone on its last visit, or None on the first visit or for an invalid cookie."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return ZoneInfo(present_name(name)) if is_zone_name(name) else None


class BrowserClock:
    """The clock chosen in this browser, or the usual one for its language.

    `was_needed` is set if the response depends on it.
    """

    was_needed = False

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __call__(self) -> Clock:
        self.was_needed = True
        chosen = self.request.COOKIES.get(CLOCK_COOKIE, "")
        return Clock(chosen) if chosen in Clock.values else clock_for(self.request.headers.get("Accept-Language", ""))


def remember_clock[R: HttpResponse](response: R, clock: Clock) -> R:
    response.set_cookie(
        CLOCK_COOKIE,
        clock.value,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SERVED_OVER_HTTPS,
    )
    return response
