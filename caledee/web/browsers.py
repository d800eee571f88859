"""What a browser says of the person before it, who may have no account: the time zone, and which clock they read."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caledee.places.tables import present_name
from caledee.timekeeping.clock import Clock
from caledee.timekeeping.zones import is_zone_name
from caledee.web.clock_regions import clock_for

COOKIE_AGE = 400 * 24 * 3600
CLOCK_COOKIE = "clock"
# Written by static/js/time-zone.js on every visit: the zone of the browser.
ZONE_COOKIE = "time_zone"


def zone_of_browser(request: HttpRequest) -> ZoneInfo | None:
    """The zone that this browser had on its latest visit; None on the first, or where the cookie makes no sense."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return ZoneInfo(present_name(name)) if is_zone_name(name) else None


class BrowserClock:
    """The clock that was chosen in this browser, else the one that its language goes with.

    `was_needed`: whether the answer depends on it.
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
