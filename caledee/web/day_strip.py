"""Prepare the times of one day for `parts/day-strip.jinja`: positions and labels, on the current reader's clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Literal

from caledee.timekeeping.reader import say_clock, say_hour

StripKind = Literal["working", "booked", "held", "busy", "proposed"]

MINUTES_OF_A_DAY = 24 * 60
HOURS_WITH_A_TICK = (6, 9, 12, 15, 18, 21)
WORDS: dict[StripKind, str] = {
    "working": "Working",
    "booked": "Booked",
    "held": "Held",
    "busy": "Busy",
    "proposed": "Proposed",
}
DRAWN_IN_ORDER: tuple[StripKind, ...] = ("working", "busy", "booked", "held", "proposed")


@dataclass(frozen=True, slots=True)
class StripTime:
    """A stretch of one local day. `end` is None at midnight. `name` is what it is for, if the reader can know it.

    For a busy time, `name` is the calendar that it is in.
    """

    kind: StripKind
    start: time
    end: time | None
    name: str = ""

    @property
    def words(self) -> str:
        span = f"{say_clock(self.start)} to {say_clock(self.end) if self.end else 'midnight'}"
        if self.kind == "busy" and self.name:
            return f"Busy in {self.name} {span}"
        words = f"{WORDS[self.kind]} {span}"
        return f"{words}: {self.name}" if self.name else words


@dataclass(frozen=True, slots=True)
class StripBlock:
    """`x` and `width` are percentages of the day, as text to keep them independent of the locale."""

    kind: StripKind
    x: str
    width: str
    words: str


@dataclass(frozen=True, slots=True)
class StripTick:
    x: str
    hour: str


@dataclass(frozen=True, slots=True)
class DayStrip:
    blocks: Sequence[StripBlock]
    words: Sequence[str]
    ticks: tuple[StripTick, ...]


def day_strip(times: Iterable[StripTime]) -> DayStrip:
    """Return the strip of one local day. Working hours are drawn first, bookings and held times on top. Labels are in
    order of time, working hours first.
    """
    known = sorted(times, key=lambda known: (known.kind != "working", known.start))
    drawn = sorted(known, key=lambda known: DRAWN_IN_ORDER.index(known.kind))
    ticks = tuple(StripTick(x=_percent(hour * 60), hour=say_hour(hour)) for hour in HOURS_WITH_A_TICK)
    return DayStrip(blocks=[_block(known) for known in drawn], words=[known.words for known in known], ticks=ticks)


def _block(known: StripTime) -> StripBlock:
    start = _minute(known.start)
    end = MINUTES_OF_A_DAY if known.end is None else _minute(known.end)
    return StripBlock(kind=known.kind, x=_percent(start), width=_percent(max(end - start, 0)), words=known.words)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _percent(minutes: int) -> str:
    return f"{100 * minutes / MINUTES_OF_A_DAY:.2f}"
