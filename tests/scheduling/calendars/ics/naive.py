"""Repetition as slow and plain as possible: every day is looked at, and asked whether the rule means it."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = timedelta(days=1)


@dataclass
class NaiveRule:
    """`weekdays` are numbered like BYDAY in a month: 0 means each, 1 the first, -1 the last."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_start: int = 0
    weekdays: list[tuple[int, int]] = field(default_factory=list)
    month_days: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    position: int | None = None

    def text(self) -> str:
        parts = {"FREQ": self.frequency, "INTERVAL": self.interval, "WKST": WEEKDAYS[self.week_start]}
        if self.count is not None:
            parts["COUNT"] = self.count
        if self.until is not None:
            parts["UNTIL"] = f"{self.until:%Y%m%d}"
        if self.weekdays:
            parts["BYDAY"] = ",".join(f"{number or ''}{WEEKDAYS[day]}" for number, day in self.weekdays)
        if self.month_days:
            parts["BYMONTHDAY"] = ",".join(map(str, self.month_days))
        if self.months:
            parts["BYMONTH"] = ",".join(map(str, self.months))
        if self.position is not None:
            parts["BYSETPOS"] = self.position
        return ";".join(f"{name}={value}" for name, value in parts.items())

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days of occurrences, and the first day itself."""
        if self.until is None or first <= self.until:
            yield first
        for found, day in enumerate(self._matching(first, last)):
            if found == self.count or (self.until is not None and day > self.until):
                return
            if day != first:
                yield day

    def comes_back(self, first: date, last: date) -> bool:
        """Return whether the rule means another day within three years after the last."""
        return any(self._is_meant(last + number * DAY, first) for number in range(3 * 366))

    def _matching(self, first: date, last: date) -> Iterator[date]:
        day = first
        while day <= last:
            if self._is_meant(day, first):
                yield day
            day += DAY

    def _is_meant(self, day: date, first: date) -> bool:
        if not self._matches(day, first):
            return False
        if self.position is None:
            return True
        same = [other for other in self._days_of_period(day) if self._matches(other, first)]
        index = self.position - 1 if self.position > 0 else self.position
        return -len(same) <= index < len(same) and same[index] == day

    def _matches(self, day: date, first: date) -> bool:
        if self._period_of(day, first) % self.interval:
            return False
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not self._is_month_day(day):
            return False
        if self.weekdays:
            return any(self._is_weekday(day, number, weekday) for number, weekday in self.weekdays)
        return bool(self.month_days) or self._is_like(day, first)

    def _is_like(self, day: date, first: date) -> bool:
        """What the start means where the rule says nothing."""
        match self.frequency:
            case "WEEKLY":
                return day.weekday() == first.weekday()
            case "MONTHLY":
                return day.day == first.day
            case "YEARLY":
                return day.day == first.day and (bool(self.months) or day.month == first.month)
        return True

    def _is_month_day(self, day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        return day.day in self.month_days or day.day - length - 1 in self.month_days

    def _is_weekday(self, day: date, number: int, weekday: int) -> bool:
        if day.weekday() != weekday:
            return False
        length = monthrange(day.year, day.month)[1]
        return number in {0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)}

    def _period_of(self, day: date, first: date) -> int:
        match self.frequency:
            case "DAILY":
                return (day - first).days
            case "WEEKLY":
                return (self._week(day) - self._week(first)).days // 7
            case "MONTHLY":
                return day.year * 12 + day.month - first.year * 12 - first.month
        return day.year - first.year

    def _week(self, day: date) -> date:
        return day - ((day.weekday() - self.week_start) % 7) * DAY

    def _days_of_period(self, day: date) -> list[date]:
        """The month of a day: positions are only generated for months."""
        length = monthrange(day.year, day.month)[1]
        return [day.replace(day=number + 1) for number in range(length)]
