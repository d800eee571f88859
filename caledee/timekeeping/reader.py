"""The reader for whom times are written: their clock and the first day of their week.

Like Django's current time zone, the reader is a context variable. The middleware sets it for each request, and each
email sets its own. Without a reader, times are written for an invitee.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import time
from functools import cached_property
from typing import Protocol, TypeGuard

from caledee.timekeeping.clock import Clock, WeekStart


class Person(Protocol):
    """A user, or Django's anonymous user without preferences."""

    @property
    def is_authenticated(self) -> bool: ...


class Account(Person, Protocol):
    clock: str
    week_start: int


Reader = Person | None


class _Reading:
    """The preferences of one reader, looked up once: a page can contain a hundred times of day."""

    def __init__(self, reader: Reader, find_clock: Callable[[], Clock]) -> None:
        self._reader = reader
        self._find_clock = find_clock

    @cached_property
    def clock(self) -> Clock:
        return Clock(self._reader.clock) if _has_account(self._reader) else self._find_clock()

    @cached_property
    def week_start(self) -> WeekStart:
        return WeekStart(self._reader.week_start) if _has_account(self._reader) else WeekStart.MONDAY


def _has_account(reader: Reader) -> TypeGuard[Account]:
    return reader is not None and reader.is_authenticated


def usual_clock() -> Clock:
    """Return the clock of readers whose preference is unknown."""
    return Clock.TWENTY_FOUR


def chosen_clock(clock: str) -> Clock:
    """Return the clock with this value, or the usual one if it is empty."""
    return Clock(clock) if clock else usual_clock()


_INVITEE = _Reading(None, usual_clock)
_present: ContextVar[_Reading] = ContextVar("reading")


@contextmanager
def written_for(reader: Reader, find_clock: Callable[[], Clock] = usual_clock) -> Iterator[None]:
    """Write times in this context as `reader` prefers, or as `find_clock` says for a reader without an account.

    Lazy: the user of a request is read from the database only when a time is written.
    """
    token = _present.set(_Reading(reader, find_clock))
    try:
        yield
    finally:
        _present.reset(token)


def present_clock() -> Clock:
    return _present.get(_INVITEE).clock


def present_week_start() -> WeekStart:
    return _present.get(_INVITEE).week_start


def say_clock(clock: time) -> str:
    """Format a time: `14:30`, or `2:30 pm` on a 12-hour clock, where midnight is `12:00 am` and noon `12:00 pm`."""
    if present_clock() is Clock.TWENTY_FOUR:
        return f"{clock:%H:%M}"
    return f"{clock.hour % 12 or 12}:{clock:%M} {_half_of_day(clock.hour)}"


def say_end(clock: time) -> str:
    """Format the end of a range of hours: 00:00 ends the day and becomes `24:00` or `midnight`."""
    if clock != time.min:
        return say_clock(clock)
    return "24:00" if present_clock() is Clock.TWENTY_FOUR else "midnight"


def say_hour(hour: int) -> str:
    """Format a full hour briefly, as a tick label: `09`, or `9 am`."""
    return f"{hour:02}" if present_clock() is Clock.TWENTY_FOUR else f"{hour % 12 or 12} {_half_of_day(hour)}"


def _half_of_day(hour: int) -> str:
    return "am" if hour < 12 else "pm"
