"""Slots for templates: formatted, and grouped by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from caledee.timekeeping.wording import clocks_differ, say_day, say_offset, say_time, say_time_span, say_zone
from caledee.timekeeping.zones import local_time, occurs_twice
from scheduling.bookings.offers import Slot, format_start


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot. `clock` is its visible name, and `rest` completes the name for screen readers."""

    value: str
    moment: str
    clock: str
    rest: str
    remark: str


@dataclass(frozen=True, slots=True)
class SlotDay:
    heading: str
    rows: Sequence[SlotRow]


@dataclass(frozen=True, slots=True)
class ChosenSlot:
    """The chosen slot, with the organizer's local time if it differs."""

    value: str
    moment: str
    day: str
    time: str
    organizer_day: str
    organizer_time: str


def slot_days(slots: Iterable[Slot], zone: ZoneInfo) -> list[SlotDay]:
    """Group slots, which are in order, by the viewer's local date."""
    days = groupby(slots, key=lambda slot: local_time(slot.period.start, zone).date())
    return [SlotDay(say_day(day), [_row(slot, zone) for slot in of_day]) for day, of_day in days]


def chosen_slot(slot: Slot, zone: ZoneInfo, organizer_zone: ZoneInfo) -> ChosenSlot:
    differs = clocks_differ(slot.period, zone, organizer_zone)
    return ChosenSlot(
        value=slot.value,
        moment=format_start(slot.period.start),
        day=day_of(slot.period, zone),
        time=say_time_span(slot.period, zone),
        organizer_day=day_of(slot.period, organizer_zone) if differs else "",
        organizer_time=say_time_span(slot.period, organizer_zone) if differs else "",
    )


def day_of(period: Period, zone: ZoneInfo) -> str:
    return say_day(local_time(period.start, zone).date())


def _row(slot: Slot, zone: ZoneInfo) -> SlotRow:
    start, end = slot.period.start, slot.period.end
    return SlotRow(
        value=slot.value,
        moment=format_start(start),
        clock=say_time(start, zone),
        rest=f" to {say_time(end, zone)}, {say_zone(zone)}",
        remark=say_offset(start, zone) if occurs_twice(start, zone) else "",
    )
