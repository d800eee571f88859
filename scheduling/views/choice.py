"""The times to choose from, as `booking_page/choice.html` shows them: to book a meeting, or to move it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase

from caledee.timekeeping.reader import present_clock
from caledee.timekeeping.wording import say_day, say_time, say_zone
from caledee.web.http import is_htmx
from caledee.web.month_grid import MonthGrid, month_name
from scheduling.bookings.offers import Offer, Slot
from scheduling.forms.bookings import PageQueryForm
from scheduling.pages.slots import slot_days


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What the viewer asked to see, checked. `or_later`: where that day has nothing, a later day will do."""

    zone: ZoneInfo
    day: date | None = None
    month: date | None = None
    or_later: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """What can be booked, as far as the page shows it.

    For event types with the month to choose a day from, the day whose slots these are, and, where it has none, another
    day that has some.
    """

    slots: Sequence[Slot]
    grid: MonthGrid | None = None
    day: date | None = None
    other_day: date | None = None


def choice_of(offer: Offer, query: PageQuery, form: PageQueryForm, times: Times, now: datetime) -> dict[str, object]:
    """The times, each a button; before them the zone they are told in, and the month where there is one."""
    days = slot_days(times.slots, query.zone)
    return {
        "query_form": form,
        "now_there": say_time(now, query.zone),
        "clock": present_clock(),
        "organizer_zone": say_zone(offer.zone) if offer.organizer and offer.zone != query.zone else "",
        "grid": times.grid,
        "asked_date": query.day.isoformat() if query.day else "",
        "asked_month": f"{query.month:%Y-%m}" if query.month and not query.day else "",
        "days": days,
        "empty": "" if days else _say_nothing(query, times),
        "other_day": say_day(times.other_day) if times.other_day else "",
        "other_address": address_of(date=times.other_day, time_zone=query.zone.key) if times.other_day else "",
        "announcement": _say_count(query, times) if days else _say_nothing(query, times),
    }


def address_of(**query: str | date | None) -> str:
    return "?" + urlencode({name: str(value) for name, value in query.items() if value is not None})


def at_plain_address[R: HttpResponseBase](request: HttpRequest, form: PageQueryForm, response: R) -> R:
    """Keep the search for a zone out of the address that the browser shows."""
    if is_htmx(request) and form.zone_is_found and "shown_in" in request.GET:
        kept = {name: request.GET.get(name) for name in ("date", "month")}
        response["HX-Push-Url"] = request.path + address_of(**kept, time_zone=form.zone.key)
    return response


def _say_count(query: PageQuery, times: Times) -> str:
    count = f"{len(times.slots)} time{'' if len(times.slots) == 1 else 's'}"
    return (
        f"{count} on {say_day(times.day)}, {say_zone(query.zone)}" if times.day else f"{count}, {say_zone(query.zone)}"
    )


def _say_nothing(query: PageQuery, times: Times) -> str:
    if times.other_day is None:
        return "Nothing is free at the moment" if times.grid else "All the times are taken"
    if query.day is not None:
        return f"Nothing is free on {say_day(query.day)}"
    return f"Nothing is free in {month_name(query.month)}" if query.month else "Nothing is free at the moment"
