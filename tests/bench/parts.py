"""The parts of the benchmark, in order."""

from collections.abc import Callable

from tests.bench import (
    asking,
    booking,
    calendars,
    connected,
    growth,
    lists,
    pages,
    slots,
    start,
    sustained,
    wire,
    worker,
)
from tests.bench.house import House
from tests.bench.table import Table


def measure_slots(table: Table, _house: House, *, quick: bool) -> None:
    slots.measure(table, quick=quick)


PARTS: dict[str, Callable[..., None]] = {
    "1": measure_slots,
    "2": pages.measure,
    "4": booking.measure,
    "5": growth.measure,
    "lists": lists.measure,
    "7": start.measure,
    "8": wire.measure,
    "9": worker.measure,
    "10": connected.measure,
    "11": calendars.measure,
    "12": asking.measure,
    "6": sustained.measure,
}
# Parts that measure calculations alone, and need no filled database.
WITHOUT_DATA = {"1", "11"}
