"""What the pages that offer times share: booking a meeting, and moving one."""

from datetime import date, datetime
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.rates import newcomer_on
from caledee.timekeeping.reader import present_clock, present_week_start
from caledee.timekeeping.wording import say_count, say_day, say_moment, say_month, say_time, say_zone
from caledee.timekeeping.zones import local_time
from caledee.web.http import is_htmx
from caledee.web.month_grid import MonthGrid, month_grid
from scheduling.availability.limits import is_regular
from scheduling.bookings.choices import Month, PageQuery, Slot, Times
from scheduling.bookings.offers import Offer
from scheduling.calendars.busy import closed_calendars
from scheduling.forms.bookings import PageQueryForm
from scheduling.pages.slots import chosen_slot, slot_days
from scheduling.sources import PageExtras

Context = dict[str, object]

# Neither the calendar's provider nor what is wrong with it concerns an invitee.
NOT_KNOWN = "No times can be shown just now. {} can’t be checked at the moment. Please try again later."


class TooManyNewcomers(LimitReached):
    """This network has reached the limit for mailboxes that are new to the organizer."""


class TimesPage:
    """A page that offers times of an offer. It shows times to choose from, or one chosen time with a form to submit.

    `template` has a part `times`, which htmx can ask for alone.
    """

    template: ClassVar[str]

    def __init__(self, request: HttpRequest, offer: Offer, extras: PageExtras, *, now: datetime) -> None:
        self.request = request
        self.offer = offer
        self.extras = extras
        self.now = now

    @property
    def default_zone(self) -> ZoneInfo:
        """The time zone of times if the viewer didn't ask for one."""
        return self.offer.zone

    @cached_property
    def asked(self) -> PageQueryForm:
        """What the address of the page asks for."""
        return PageQueryForm(self.request.GET.dict(), default_zone=self.default_zone)

    @property
    def query(self) -> PageQuery:
        return PageQuery(self.asked.zone, self.asked.day, self.asked.first_of_month)

    @cached_property
    def asked_slot(self) -> Slot | None:
        return self.offer.slot(self.asked.slot_value)

    def is_open(self, slot: Slot) -> bool:
        return self.offer.is_open(slot, now=self.now)

    def find_times(self, query: PageQuery) -> Times:
        return self.offer.times(query, now=self.now)

    def count_newcomer(self, email: str) -> None:
        """Count a booking or a move for a mailbox that is new to the organizer. Raises TooManyNewcomers.

        Call it in the transaction of the booking, so that a booking that fails isn't counted. Offers with a secret
        address aren't counted, because they can be booked once. Hosts aren't counted on their own pages.
        """
        people = self.offer.people
        if not settings.RATE_LIMITS or not self.offer.is_public or self.request.user in people:
            return
        if is_regular(people, email, now=self.now):
            return
        if wait := seconds_to_wait(*newcomer_on(self.request, self.offer.owner.pk), now=self.now):
            raise TooManyNewcomers(wait)

    def choice(self, query: PageQuery, *, problem: str = "", status: int = 200) -> HttpResponse:
        """Show the times to choose from, each a button."""
        times = self.find_times(query)
        days = slot_days(times.slots, query.zone)
        nothing = "" if days else self._say_nothing(query, times)
        context: Context = {
            "query_form": self.asked,
            "now_there": say_time(self.now, query.zone),
            "clock": present_clock(),
            "organizer_zone": self._other_zone_of_organizer(query.zone),
            "grid": _grid(times.month, times.day) if times.month else None,
            "asked_date": query.day.isoformat() if query.day else "",
            "asked_month": f"{query.month:%Y-%m}" if query.month and not query.day else "",
            "days": days,
            "empty": nothing,
            "other_day": say_day(times.other_day) if times.other_day else "",
            "other_address": address_of(date=times.other_day, time_zone=query.zone.key) if times.other_day else "",
            "announcement": nothing or _say_count(query, times),
            "problem": problem,
        }
        return self._at_plain_address(self.render(query, context, status=status))

    def chosen(self, slot: Slot, query: PageQuery, organizer_zone: ZoneInfo) -> Context:
        """Return the context of the one chosen time."""
        chosen = chosen_slot(slot, query.zone, organizer_zone)
        day = self.day_of(slot, query.zone) if self.offer.is_by_day else None
        return {
            "chosen": chosen,
            "way_back": address_of(date=day, time_zone=query.zone.key),
            "announcement": f"{chosen.day}, {chosen.time}",
        }

    def render(self, query: PageQuery, context: Context, *, status: int = 200) -> HttpResponse:
        """Show the page, or for htmx only its times."""
        valid_until = self.extras.valid_until
        shared: Context = {
            "offer": self.offer,
            "is_public": self.offer.is_public,
            "zone": query.zone.key,
            "zone_name": say_zone(query.zone),
            "notice": self.extras.notice,
            "valid_until": say_moment(valid_until, query.zone) if valid_until else "",
            "propose_address": self.extras.propose_address,
            "opened_address": self.extras.opened_address,
        }
        template = f"{self.template}#times" if is_htmx(self.request) else self.template
        return TemplateResponse(self.request, template, shared | context, status=status)

    @staticmethod
    def day_of(slot: Slot, zone: ZoneInfo) -> date:
        return local_time(slot.period.start, zone).date()

    def say_whose_calendar(self) -> str:
        """Return such as "Ada Lovelace’s calendar", or the calendars of several hosts without naming anyone."""
        organizer = self.offer.organizer
        return f"{organizer.name}’s calendar" if organizer and len(self.offer.people) == 1 else "The hosts’ calendars"

    def _say_nothing(self, query: PageQuery, times: Times) -> str:
        if times.other_day is None and closed_calendars(self.offer.people, now=self.now).exists():
            return NOT_KNOWN.format(self.say_whose_calendar())
        return _say_nothing(query, times)

    def _other_zone_of_organizer(self, zone: ZoneInfo) -> str:
        is_known = self.offer.organizer is not None
        return say_zone(self.offer.zone) if is_known and self.offer.zone != zone else ""

    def _at_plain_address(self, response: HttpResponse) -> HttpResponse:
        """Keep what was typed to find a time zone out of the address that the browser shows."""
        if is_htmx(self.request) and self.asked.zone_is_found and "shown_in" in self.request.GET:
            kept = {name: self.request.GET.get(name) for name in ("date", "month")}
            response["HX-Push-Url"] = self.request.path + address_of(**kept, time_zone=self.asked.zone.key)
        return response


def address_of(**query: str | date | None) -> str:
    """Return the address of the same page with this query."""
    return "?" + urlencode({name: str(value) for name, value in query.items() if value is not None})


def _grid(month: Month, picked: date | None) -> MonthGrid:
    return month_grid(
        month.shown,
        field="date",
        today=month.today,
        is_open=lambda day: day in month.open_days,
        picked=[picked] if picked and picked in month.open_days else [],
        earliest=month.today,
        latest=month.last_day,
        first_weekday=present_week_start(),
    )


def _say_count(query: PageQuery, times: Times) -> str:
    count = say_count(len(times.slots), "time")
    on_day = f" on {say_day(times.day)}" if times.day else ""
    return f"{count}{on_day}, {say_zone(query.zone)}"


def _say_nothing(query: PageQuery, times: Times) -> str:
    if times.other_day is None:
        return "Nothing is free at the moment" if times.month else "All the times are taken"
    if query.day is not None:
        return f"Nothing is free on {say_day(query.day)}"
    return f"Nothing is free in {say_month(query.month)}" if query.month else "Nothing is free at the moment"
