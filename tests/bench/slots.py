"""Row 1: the slot maths against the bare subtraction of integers, in one process."""

import json
import statistics
import time as clock
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from scheduling.availability.slots import SlotRules, WorkingHours, open_starts, working_periods
from scheduling.availability.taken import Blocked
from tests.bench.table import Figures, Row, Table, ms

WORKLOADS = Path(__file__).parent.parent / "scheduling" / "workloads"
HALF_HOUR = timedelta(minutes=30)
OFFICE = WorkingHours(ZoneInfo("America/New_York"), {weekday: [(time(9), time(17))] for weekday in range(5)})
Span = tuple[int, int]


def measure(table: Table, *, quick: bool) -> None:
    for file in sorted(WORKLOADS.glob("w*.json"), key=lambda file: (len(file.stem), file.stem)):
        workload = json.loads(file.read_text())
        for increment in (30, 15):
            _measure_one(table, file.stem, workload, increment, times=20 if quick else 100)
    _measure_growth(table, times=5 if quick else 20)
    _measure_first_time(table, times=20 if quick else 100)
    table.note(
        "Row 1: Caledee begins with working hours on a wall clock and with busy periods as objects, in no order; the"
        " floor with busy periods as integers, in no order, and with working periods that are moments already."
        " Caledee remembers the moments of working hours that it has met before: the last line is without."
    )


def bare_subtraction(
    working: list[Span], busy: list[Span], length: int, step: int, first: int, last: int
) -> list[int]:
    """The floor: sort, merge, and walk along once."""
    blocked: list[Span] = []
    for start, end in sorted(busy):
        if blocked and start <= blocked[-1][1]:
            if end > blocked[-1][1]:
                blocked[-1] = (blocked[-1][0], end)
        else:
            blocked.append((start, end))
    starts, position, count = [], 0, len(blocked)
    for opens, closes in working:
        for start in range(opens, closes - length + 1, step):
            while position < count and blocked[position][1] <= start:
                position += 1
            if (position == count or blocked[position][0] >= start + length) and first <= start <= last - length:
                starts.append(start)
    return starts


def _measure_one(table: Table, name: str, workload: dict, increment: int, *, times: int) -> None:
    window = Period(_moment(workload["start"]), _moment(workload["end"]))
    busy = [Period(_moment(start), _moment(end)) for start, end in workload["busy"]]
    expected = [_moment(start) for start in workload[f"slots{increment}"]]
    rules = SlotRules(HALF_HOUR, timedelta(minutes=increment))
    ours, floor = _pair(window, busy, rules)
    last = window.end - HALF_HOUR
    assert [start for start in ours() if start <= last] == expected, f"{name}: other slots than expected"
    assert floor() == [int(start.timestamp()) for start in expected], f"{name}: the floor finds other slots"
    mine, low = _in_turns(ours, floor, times)
    ratio = statistics.median(mine) / statistics.median(low)
    figures = {"ours": vars(Figures.of(mine)), "floor": vars(Figures.of(low)), "slots": len(expected)}
    what = f"slots, {workload['days']} days, {len(busy)} busy, {increment}-minute grid"
    table.add(
        Row(
            "1",
            what,
            *(f"{ms(statistics.median(each))} ms" for each in (mine, low)),
            ratio,
            "at most 2x",
            ratio <= 2,
            figures,
        )
    )


def _measure_growth(table: Table, *, times: int) -> None:
    """Measure the same density of busy periods over more and more days: the time for each day stays the same."""
    origin, costs = datetime(2027, 3, 1, tzinfo=UTC), {}
    for days in (30, 120, 480):
        window = Period(origin, origin + timedelta(days=days))
        busy = [Period.lasting(origin + n * timedelta(minutes=43), timedelta(minutes=10)) for n in range(days * 33)]
        ours, _ = _pair(window, busy, SlotRules(HALF_HOUR, HALF_HOUR))
        costs[days] = statistics.median(_in_turns(ours, ours, times)[0])
    per_day = {days: cost / days for days, cost in costs.items()}
    ratio = per_day[480] / per_day[30]
    words = ", ".join(f"{days} days {ms(cost)} ms" for days, cost in costs.items())
    table.add(
        Row("1", "slots, 33 busy a day", words, "", ratio, "each day costs the same", ratio < 1.5, {"costs": costs})
    )


def _measure_first_time(table: Table, *, times: int) -> None:
    """Measure a first page, before any local time has been converted."""
    origin = datetime(2027, 3, 1, tzinfo=UTC)
    window, rules = Period(origin, origin + timedelta(days=30)), SlotRules(HALF_HOUR, HALF_HOUR)
    again, _ = _pair(window, [], rules)
    # What is remembered of a zone is not known of another copy of it.
    unknown = iter([replace(OFFICE, zone=ZoneInfo.no_cache(OFFICE.zone.key)) for _ in range(times)])
    first, later = _in_turns(
        lambda: open_starts(working_periods(next(unknown), window), [], rules, window), again, times
    )
    anew, remembered = statistics.median(first), statistics.median(later)
    what = "slots, 30 days, 0 busy, first call vs. later calls"
    table.add(Row("1", what, f"{ms(anew)} ms", f"{ms(remembered)} ms", anew / remembered))


def _pair(window: Period, busy: list[Period], rules: SlotRules) -> tuple[Callable[[], list], Callable[[], list]]:
    taken = [Blocked(period) for period in busy]
    working = [(int(p.start.timestamp()), int(p.end.timestamp())) for p in working_periods(OFFICE, window)]
    spans = [(int(period.start.timestamp()), int(period.end.timestamp())) for period in busy]
    first, last = int(window.start.timestamp()), int(window.end.timestamp())
    length, step = (int(each.total_seconds()) for each in (rules.duration, rules.start_increment))

    def ours() -> list[datetime]:
        return open_starts(working_periods(OFFICE, window), taken, rules, window)

    return ours, lambda: bare_subtraction(working, spans, length, step, first, last)


def _in_turns(first: Callable[[], list], second: Callable[[], list], times: int) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for work, into in zip((first, second), taken, strict=True):
            began = clock.perf_counter()
            work()
            into.append((clock.perf_counter() - began) * 1000)
    return taken


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
