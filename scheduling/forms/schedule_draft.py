"""A schedule being edited: typed hours, row by row, and the edits of the form's buttons.

A draft is never stored: it is built from the form or from the current working hours. To limit the number of fields, a
closed date is one value, `2026-12-24/09:00-12:00/13:00-17:00` (`2026-12-24` alone has no hours), and a date being
edited is `open` and a number: a year of dates would be more fields than a form may send.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count, zip_longest
from typing import Protocol

from caledee.timekeeping.wording import say_day
from caledee.web.clock_fields import plain_clock, say_typed
from scheduling.availability.slots import Hours, WorkingHours
from scheduling.models import Weekday

MOST_PERIODS_A_DAY = 10
MOST_DATES = 366
# Enough to report that there are too many.
MOST_PERIODS_READ = MOST_PERIODS_A_DAY + 1
MOST_DATES_READ = MOST_DATES + 1
# How many dates with errors are opened at once. With more fields than Django accepts, the form could not be sent
# again.
MOST_OPENED = 15
FIRST_HOURS = ("09:00", "17:00")
OPEN_KEY = re.compile(r"open\d{1,3}")


class Sent(Protocol):
    """The part of a form's data that is read here."""

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(slots=True)
class TypedHours:
    start: str = ""
    end: str = ""
    error: str = ""

    @property
    def shown_start(self) -> str:
        """Return the start on the reader's clock. Invalid text stays as typed."""
        return say_typed(self.start)

    @property
    def shown_end(self) -> str:
        return say_typed(self.end, ends=True)


@dataclass(slots=True)
class TypedDay:
    """The hours of a weekday or date. `key` is the prefix of its field names: `monday-start`, `open2-end`."""

    key: str
    hours: list[TypedHours] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        return self.key.title()

    @property
    def rows(self) -> list[tuple[str, TypedHours]]:
        """Return each row with the id of its first field."""
        return [(f"{self.key}-{index}-start", each) for index, each in enumerate(self.hours)]

    @property
    def add_id(self) -> str:
        return f"{self.key}-add"

    @property
    def is_full(self) -> bool:
        return len(self.hours) >= MOST_PERIODS_A_DAY

    @property
    def has_errors(self) -> bool:
        return bool(self.error) or any(each.error for each in self.hours)


@dataclass(slots=True)
class TypedDate(TypedDay):
    """A date with different hours from its weekday's, or none if it is closed. `is_open` shows fields to edit it."""

    text: str = ""
    is_open: bool = True

    @property
    def date_id(self) -> str:
        return f"{self.key}-date"

    @property
    def name(self) -> str:
        """Return a heading such as Thursday 24 December 2026, once the date is valid."""
        try:
            return say_day(date.fromisoformat(self.text))
        except ValueError:
            return "New date"

    @property
    def spans(self) -> str:
        return ", ".join(f"{each.shown_start} to {each.shown_end}" for each in self.hours) or "Closed"

    @property
    def word(self) -> str:
        if self.is_open:
            return self.key
        return "/".join([self.text, *(f"{each.start}-{each.end}" for each in self.hours)])


@dataclass(slots=True)
class Draft:
    """`focus` is the id of the field or button to focus, and `announcement` what the last edit did."""

    week: list[TypedDay]
    dates: list[TypedDate]
    focus: str = ""
    announcement: str = ""

    @property
    def words(self) -> str:
        """Return all dates as the value of the field that carries them."""
        return " ".join(each.word for each in self.dates)


def draft_of(hours: WorkingHours) -> Draft:
    """Return a draft of these working hours."""
    week = [TypedDay(weekday.name.lower(), _typed(hours.weekly.get(weekday, ()))) for weekday in Weekday]
    dates = [
        TypedDate(_closed_key(index), _typed(spans), text=day.isoformat(), is_open=False)
        for index, (day, spans) in enumerate(sorted(hours.overrides.items()))
    ]
    return Draft(week, dates)


def read_draft(sent: Sent) -> Draft:
    """Read a form's data, valid or not."""
    week = [TypedDay(weekday.name.lower(), _read_hours(sent, weekday.name.lower())) for weekday in Weekday]
    words = dict.fromkeys(" ".join(sent.getlist("dates")).split())
    read = list(words)[:MOST_DATES_READ]
    return Draft(week, [_read_date(sent, index, word) for index, word in enumerate(read)])


def edit_draft(draft: Draft, step: str) -> None:
    """Apply a button's edit: `add-date`, or a verb, the key of a day and sometimes a row number, such as `remove
    monday 1`. Invalid edits change nothing.
    """
    verb, _, rest = step.partition(" ")
    key, _, number = rest.partition(" ")
    if verb == "add-date":
        _add_date(draft)
    day = next((day for day in [*draft.week, *draft.dates] if day.key == key), None)
    if day is not None and verb == "add":
        _add_hours(draft, day)
    elif day is not None and verb == "remove":
        _remove_hours(draft, day, number)
    elif isinstance(day, TypedDate) and verb in DATE_STEPS:
        DATE_STEPS[verb](draft, day)


def open_date(draft: Draft, day: TypedDate) -> None:
    """Show a date as fields."""
    if not day.is_open:
        day.key, day.is_open = _new_key(draft), True


def _add_date(draft: Draft) -> None:
    if len(draft.dates) < MOST_DATES:
        new = TypedDate(_new_key(draft))
        draft.dates.append(new)
        _lead(draft, new.date_id, "New date added")


def _change_date(draft: Draft, day: TypedDate) -> None:
    open_date(draft, day)
    _lead(draft, day.date_id, f"{day.name} can now be edited")


def _close_date(draft: Draft, day: TypedDate) -> None:
    day.hours.clear()
    _lead(draft, day.add_id, f"{day.name} is now closed")


def _drop_date(draft: Draft, day: TypedDate) -> None:
    draft.dates.remove(day)
    _lead(draft, "add-date", f"{day.name} removed")


DATE_STEPS = {"change": _change_date, "close": _close_date, "drop": _drop_date}


def _add_hours(draft: Draft, day: TypedDay) -> None:
    if not day.is_full:
        day.hours.append(TypedHours() if day.hours else TypedHours(*FIRST_HOURS))
        _lead(draft, day.rows[-1][0], f"Hours added, {day.name}")


def _remove_hours(draft: Draft, day: TypedDay, number: str) -> None:
    index = next((index for index in range(len(day.hours)) if str(index) == number), None)
    if index is not None:
        del day.hours[index]
        _lead(draft, day.add_id, f"Hours removed, {day.name}")


def _lead(draft: Draft, focus: str, announcement: str) -> None:
    draft.focus, draft.announcement = focus, announcement


def _read_hours(sent: Sent, key: str) -> list[TypedHours]:
    starts, ends = sent.getlist(f"{key}-start"), sent.getlist(f"{key}-end")
    typed = [_typed_hours(start, end) for start, end in zip_longest(starts, ends, fillvalue="")]
    return typed[:MOST_PERIODS_READ]


def _read_date(sent: Sent, index: int, word: str) -> TypedDate:
    if OPEN_KEY.fullmatch(word):
        text = "".join(sent.getlist(f"{word}-date")[:1])[:20]
        return TypedDate(word, _read_hours(sent, word), text=text)
    text, *spans = word.split("/")
    ends = [span.partition("-") for span in spans[:MOST_PERIODS_READ]]
    hours = [_typed_hours(start, end) for start, _, end in ends]
    return TypedDate(_closed_key(index), hours, text=text[:20], is_open=False)


def _typed(spans: Sequence[Hours]) -> list[TypedHours]:
    return [TypedHours(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in sorted(spans)]


def _typed_hours(start: str, end: str) -> TypedHours:
    return TypedHours(plain_clock(start), plain_clock(end, ends=True))


def _closed_key(index: int) -> str:
    return f"date{index}"


def _new_key(draft: Draft) -> str:
    taken = {each.key for each in draft.dates}
    return next(key for n in count() if (key := f"open{n}") not in taken)
