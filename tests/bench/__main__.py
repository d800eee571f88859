"""`uv run python -m tests.bench`: how fast Caledee is, compared with floors. See `tests/bench/README.md`."""

import argparse
import os
import statistics
import time
from pathlib import Path

import django

from tests.bench.data import LARGE, SMALL, prepare
from tests.bench.house import FIRST_PORT, FOLDER, House, machine
from tests.bench.table import Table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under 2 minutes, with fewer turns and no large database")
    parser.add_argument("--only", default="", help="some rows only, such as 1,2,3")
    parser.add_argument("--json", type=Path, default=FOLDER / "last.json", help="where the figures go")
    options = parser.parse_args()
    house = House()
    try:
        run(house, quick=options.quick, only={word for word in options.only.split(",") if word}, json=options.json)
    finally:
        house.close()


def run(house: House, *, quick: bool, only: set[str], json: Path) -> None:
    began = time.monotonic()
    house.server.create_database("bench_small")
    os.environ.update(house.environment(SMALL.database, FIRST_PORT))
    django.setup()
    # Only now can be imported what imports models.
    from tests.bench import parts

    table = Table(machine(house))
    table.machine["sizes"] = f"small: {SMALL.words}" + ("" if quick else f"; large: {LARGE.words}")
    house.prepare_static()
    for size in [SMALL] if quick else [SMALL, LARGE]:
        if only and only <= parts.WITHOUT_DATA:
            continue
        if size is SMALL or not only or only & {"5", "lists"}:
            table.seconds[f"filling {size.database}"] = prepare(house, size)
    before = plain_loop()
    for name, measure in parts.PARTS.items():
        if only and name not in only:
            continue
        print(f"row {name}", flush=True)
        started = time.monotonic()
        measure(table, house, quick=quick)
        table.seconds[name] = round(time.monotonic() - started, 1)
    table.machine["quiet"] = (
        f"a loop of plain Python took {before:.2f} ms before all this, and {plain_loop():.2f} after"
    )
    table.seconds["all"] = round(time.monotonic() - began, 1)
    table.write(json)
    print(table.report())
    print(f"\n{table.seconds['all']:.0f} seconds; the figures are in {json}")


def plain_loop() -> float:
    """Return milliseconds, which tell two runs apart if the machine was busy."""
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        words = {number % 97: f"{number}x" for number in range(4000)}
        taken.append((time.perf_counter() - began) * 1000)
        assert len(words) == 97
    return statistics.median(taken)


if __name__ == "__main__":
    main()
