"""An organizer's next days: working hours, bookings and held times, as drawings and text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period, clip
from caledee.timekeeping.wording import say_day
from caledee.timekeeping.zones import day_bounds, local_time
from caledee.web.day_strip import DayStrip, StripKind, StripTime, day_strip
from scheduling.availability.slots import WorkingHours, working_periods
from scheduling.availability.taken import Taken, TakenKind, read_taken
from scheduling.models import Booking

DAYS_SHOWN = 7
STRIP_KINDS: dict[TakenKind, StripKind] = {
    TakenKind.BOOKING: "booked",
    TakenKind.HOLD: "held",
    TakenKind.OUTSIDE: "busy",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A period of a known kind. `name` is set if the reader can know it: of what it is for, or of a busy calendar."""

    kind: StripKind
    period: Period
    name: str = ""


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    heading: str
    strip: DayStrip


def read_week(organizer: User, hours: WorkingHours, *, now: datetime, days: int = DAYS_SHOWN) -> list[DayOfWeek]:
    """Return local days from today on, in the zone of `hours`. Two queries. Held times have no names."""
    today = local_time(now, hours.zone).date()
    dates = [today + timedelta(days=n) for n in range(days)]
    window = Period(day_bounds(dates[0], hours.zone)[0], day_bounds(dates[-1], hours.zone)[1])
    known = [Known("working", period) for period in working_periods(hours, window)]
    known += _taken(organizer, window, now)
    return [_day_of_week(day, hours.zone, known) for day in dates]


def strip_times(day: date, zone: ZoneInfo, known: Iterable[Known]) -> list[StripTime]:
    """Return the parts of `known` on this local day, in local time. Pure."""
    window = Period(*day_bounds(day, zone))
    return [_strip_time(each, part, zone) for each in known for part in clip([each.period], window)]


def _taken(organizer: User, window: Period, now: datetime) -> list[Known]:
    taken = read_taken([organizer], window, now=now)
    booked = [each.claim for each in taken if each.kind is TakenKind.BOOKING and each.claim]
    names = dict(Booking.objects.taking_part(organizer).filter(pk__in=booked).values_list("pk", "name"))
    return [
        Known(STRIP_KINDS[each.kind], each.period, names.get(each.claim, "") if each.claim else _calendar_of(each))
        for each in taken
        if each.kind in STRIP_KINDS
    ]


def _calendar_of(taken: Taken) -> str:
    return taken.source if taken.kind is TakenKind.OUTSIDE else ""


def _day_of_week(day: date, zone: ZoneInfo, known: Sequence[Known]) -> DayOfWeek:
    times = strip_times(day, zone, known)
    strip = day_strip(times)
    if all(each.kind != "working" for each in times):
        strip = replace(strip, words=["Closed", *strip.words])
    return DayOfWeek(say_day(day), strip)


def _strip_time(each: Known, part: Period, zone: ZoneInfo) -> StripTime:
    start, end = local_time(part.start, zone), local_time(part.end, zone)
    return StripTime(each.kind, start.time(), None if end.date() > start.date() else end.time(), each.name)
