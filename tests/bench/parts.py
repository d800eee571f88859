"""The parts of the benchmark, in order."""

from collections.abc import Callable

from tests.bench import pages, slots
from tests.bench.house import House
from tests.bench.table import Table


def measure_slots(table: Table, _house: House, *, quick: bool) -> None:
    slots.measure(table, quick=quick)


PARTS: dict[str, Callable[..., None]] = {
    "1": measure_slots,
    "2": pages.measure,
}
