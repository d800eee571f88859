"""For whom times are being written, and how that reader likes them: the clock, and the first day of the week.

As Django does with the time zone, what writes a time of day asks for the present reader instead of being told by all
that lies between. The middleware sets who is signed in, and whoever writes a mail sets its reader; where nobody is
set, an invitee reads.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import time
from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from caledee.accounts.models import User
from caledee.accounts.preferences import Clock, WeekStart

Reader = User | AnonymousUser | None


class _Reading:
    """What is known of the present reader, asked for once: a page may write a hundred times of day."""

    def __init__(self, reader: Reader, find_clock: Callable[[], Clock]) -> None:
        self._reader = reader
        self._find_clock = find_clock

    @cached_property
    def clock(self) -> Clock:
        return Clock(self._reader.clock) if isinstance(self._reader, User) else self._find_clock()

    @cached_property
    def week_start(self) -> WeekStart:
        return WeekStart(self._reader.week_start) if isinstance(self._reader, User) else WeekStart.MONDAY


def usual_clock() -> Clock:
    """The clock of readers of whom nothing is known."""
    return Clock.TWENTY_FOUR


def chosen_clock(clock: str) -> Clock:
    """The clock of this value, or the usual one where it is empty."""
    return Clock(clock) if clock else usual_clock()


_INVITEE = _Reading(None, usual_clock)
_present: ContextVar[_Reading] = ContextVar("reading")


@contextmanager
def written_for(reader: Reader, find_clock: Callable[[], Clock] = usual_clock) -> Iterator[None]:
    """Within, times are written as `reader` likes them; `find_clock` says it for one who has no account.

    Nothing is asked of the reader before a time is written: the one of a request is only read from the database then.
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
    """`14:30`, or `2:30 pm` for a reader with a clock of 12 hours; midnight is `12:00 am`, noon `12:00 pm`."""
    if present_clock() is Clock.TWENTY_FOUR:
        return f"{clock:%H:%M}"
    return f"{clock.hour % 12 or 12}:{clock:%M} {_half_of_day(clock.hour)}"


def say_end(clock: time) -> str:
    """The end of hours of a day: 00:00 is the midnight at which the day ends, `24:00` or `midnight`."""
    if clock != time.min:
        return say_clock(clock)
    return "24:00" if present_clock() is Clock.TWENTY_FOUR else "midnight"


def say_hour(hour: int) -> str:
    """A full hour, short, for the edge of a drawing: `09`, or `9 am`."""
    return f"{hour:02}" if present_clock() is Clock.TWENTY_FOUR else f"{hour % 12 or 12} {_half_of_day(hour)}"


def _half_of_day(hour: int) -> str:
    return "am" if hour < 12 else "pm"
