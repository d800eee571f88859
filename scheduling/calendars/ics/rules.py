"""Repetition rules (RFC 5545, section 3.3.10), checked before dateutil follows them. Local times are naive."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dateutil import rrule

from scheduling.calendars.ics.values import Broken, Stamp, parse_stamp

MOST_A_DAY = 24
FREQUENCIES: Mapping[str, Literal[0, 1, 2, 3, 4]] = {
    "YEARLY": rrule.YEARLY,
    "MONTHLY": rrule.MONTHLY,
    "WEEKLY": rrule.WEEKLY,
    "DAILY": rrule.DAILY,
    "HOURLY": rrule.HOURLY,
}
_STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
_WEEKDAYS = {str(day): day for day in (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)}
_LIMITS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 60),
    "BYSETPOS": (-366, 366),
}
_TIMES = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_DAYS = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)


class Unfollowed(ValueError):
    """A rule that Caledee doesn't follow."""


class TookTooLong(Exception):
    """Following a rule took more CPU time than it may."""


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: str
    interval: int
    count: int | None
    until: Stamp | None
    week_start: str
    by: Mapping[str, tuple[int, ...]]
    weekdays: tuple[tuple[int, str], ...]

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Raises Unfollowed for a rule with more than 24 occurrences a day, or that isn't understood."""
        pairs = (part.partition("=") for part in text.upper().split(";") if part.strip())
        parts = {name.strip(): value.strip() for name, _, value in pairs}
        rule = cls(
            frequency=parts.get("FREQ", ""),
            interval=_number(parts.get("INTERVAL", "1")),
            count=_count(parts),
            until=_until(parts),
            week_start=parts.get("WKST", "MO"),
            by={name: _numbers(name, parts[name]) for name in _LIMITS if parts.get(name)},
            weekdays=tuple(_weekday(value) for value in parts["BYDAY"].split(",")) if parts.get("BYDAY") else (),
        )
        if (
            rule.frequency not in FREQUENCIES
            or rule.interval < 1
            or rule.week_start not in _WEEKDAYS
            or parts.get("RSCALE", "GREGORIAN") != "GREGORIAN"
            or parts.get("SKIP", "OMIT") != "OMIT"
            or rule.most_a_day > MOST_A_DAY
        ):
            raise Unfollowed(text)
        return rule

    @property
    def most_a_day(self) -> int:
        hours = -(-24 // self.interval) if self.frequency == "HOURLY" and self.interval else 1
        return (
            len(self.by.get("BYHOUR", range(hours)))
            * len(self.by.get("BYMINUTE", (0,)))
            * len(self.by.get("BYSECOND", (0,)))
        )

    def starts(self, first: datetime, *, since: datetime, whole_days: bool = False) -> Iterator[datetime]:
        """Yield occurrences in order, regardless of UNTIL. Those before `since` can be missing.

        Never ends, and may never yield: use it under a limit of time. Raises Unfollowed.
        """
        by = {name: values for name, values in self.by.items() if not (whole_days and name in _TIMES)}
        if whole_days and self.frequency == "HOURLY":
            raise Unfollowed(self.frequency)
        weekdays = self._weekdays()
        if not weekdays and not _DAYS & by.keys():
            by |= self._implied_days(first)
        elif not weekdays and _DAYS & by.keys() == {"BYWEEKNO"}:
            weekdays = [list(_WEEKDAYS.values())[first.weekday()]]
        try:
            yield from rrule.rrule(
                FREQUENCIES[self.frequency],
                dtstart=first if self.count else self._later_start(first, since),
                interval=self.interval,
                wkst=_WEEKDAYS[self.week_start].weekday,
                count=self.count,
                byweekday=weekdays or None,
                bymonth=by.get("BYMONTH"),
                bymonthday=by.get("BYMONTHDAY"),
                byyearday=by.get("BYYEARDAY"),
                byweekno=by.get("BYWEEKNO"),
                byhour=by.get("BYHOUR"),
                byminute=by.get("BYMINUTE"),
                bysecond=by.get("BYSECOND"),
                bysetpos=by.get("BYSETPOS"),
            )
        except (ValueError, OverflowError, LookupError) as error:
            raise Unfollowed(str(self)) from error

    def _weekdays(self) -> list[rrule.weekday]:
        """In a mixture such as MO,-1FR, each Monday gets its number: dateutil would look for days that are both."""
        by_number = self.frequency in {"MONTHLY", "YEARLY"} and any(number for number, _ in self.weekdays)
        most = 5 if self.frequency == "MONTHLY" or "BYMONTH" in self.by else 53
        all_numbers = range(1, most + 1) if by_number else [0]
        return [
            _WEEKDAYS[day](each) if each else _WEEKDAYS[day]
            for number, day in self.weekdays
            for each in ([number] if number else all_numbers)
        ]

    def _implied_days(self, first: datetime) -> dict[str, tuple[int, ...]]:
        """The days that the first occurrence implies, and that would change with a later start."""
        if self.frequency == "YEARLY":
            return {"BYMONTH": self.by.get("BYMONTH", (first.month,)), "BYMONTHDAY": (first.day,)}
        return {"BYMONTHDAY": (first.day,)} if self.frequency == "MONTHLY" else {}

    def _later_start(self, first: datetime, since: datetime) -> datetime:
        """A start from which the same occurrences follow after `since`: dateutil walks through all before."""
        if self.frequency in _STEPS:
            step = _STEPS[self.frequency] * self.interval
            return first + max((since - first) // step - 1, 0) * step
        months = self.interval * (12 if self.frequency == "YEARLY" else 1)
        begin = first.year * 12 + first.month - 1
        skipped = ((since.year * 12 + since.month - 1 - begin) // months - 1) * months
        if skipped <= 0:
            return first
        year, month = divmod(begin + skipped, 12)
        return first.replace(year=year, month=1 if self.frequency == "YEARLY" else month + 1, day=1)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Unfollowed(text)
    return int(text)


def _count(parts: dict[str, str]) -> int | None:
    """Some programs write -1 for no limit."""
    count = _number(parts["COUNT"]) if parts.get("COUNT") else 0
    return count if count > 0 else None


def _until(parts: dict[str, str]) -> Stamp | None:
    try:
        return parse_stamp(parts["UNTIL"], {}) if parts.get("UNTIL") else None
    except Broken as error:
        raise Unfollowed(parts["UNTIL"]) from error


def _numbers(name: str, text: str) -> tuple[int, ...]:
    low, high = _LIMITS[name]
    numbers = {_number(part.strip()) for part in text.split(",")}
    if any(not low <= number <= high or (number == 0 and low < 0) for number in numbers):
        raise Unfollowed(text)
    return tuple(sorted({min(number, 59) for number in numbers} if name == "BYSECOND" else numbers))


def _weekday(text: str) -> tuple[int, str]:
    match = _BYDAY.fullmatch(text.strip())
    if match is None or (match[1] and int(match[1]) == 0):
        raise Unfollowed(text)
    return int(match[1] or 0), match[2]
