"""A month as a grid of day buttons, for `parts/month-grid.jinja`. Pure functions."""

import calendar
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from caledee.timekeeping.wording import say_day, say_month

DayState = Literal["", "outside", "disabled", "open", "picked"]


@dataclass(frozen=True, slots=True)
class GridDay:
    value: str
    number: int
    label: str
    state: DayState
    today: bool

    @property
    def pressed(self) -> str:
        """Return the value of `aria-pressed`, or an empty text for a disabled day."""
        return {"open": "false", "picked": "true"}.get(self.state, "")


@dataclass(frozen=True, slots=True)
class MonthLink:
    """A link to another month. `value` is such as 2027-01."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class MonthGrid:
    heading: str
    field: str
    weekdays: Sequence[tuple[str, str]]
    weeks: Sequence[Sequence[GridDay]]
    previous: MonthLink | None
    next: MonthLink | None


def month_grid(
    shown: date,
    *,
    field: str,
    today: date,
    is_open: Callable[[date], bool],
    picked: Collection[date] = (),
    earliest: date,
    latest: date,
    first_weekday: int = calendar.MONDAY,
) -> MonthGrid:
    """Return the month of `shown`. The buttons of its days are named `field`.

    A day is enabled if it is picked, or if it is between `earliest` and `latest` and `is_open` accepts it. The
    previous and next months are linked if they have days between the two. `first_weekday` counts from Monday, 0.
    """
    month = calendar.Calendar(first_weekday).monthdatescalendar(shown.year, shown.month)

    def grid_day(day: date) -> GridDay:
        return GridDay(
            value=day.isoformat(),
            number=day.day,
            label=say_day(day),
            state=state_of(day),
            today=day == today,
        )

    def state_of(day: date) -> DayState:
        if (day.year, day.month) != (shown.year, shown.month):
            return "outside"
        if day in picked:
            return "picked"
        return "open" if earliest <= day <= latest and is_open(day) else "disabled"

    return MonthGrid(
        heading=say_month(shown),
        field=field,
        weekdays=[(calendar.day_abbr[day.weekday()], calendar.day_name[day.weekday()]) for day in month[0]],
        weeks=[[grid_day(day) for day in week] for week in month],
        previous=_link("Previous month", _month_before(shown), earliest=earliest, latest=latest),
        next=_link("Next month", _month_after(shown), earliest=earliest, latest=latest),
    )


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _link(words: str, month: date, *, earliest: date, latest: date) -> MonthLink | None:
    if not earliest.replace(day=1) <= month <= latest:
        return None
    return MonthLink(value=f"{month:%Y-%m}", label=f"{words}, {say_month(month)}")
