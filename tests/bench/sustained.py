"""Row 6: two workers and 32 clients for five minutes, 95 reads and 5 bookings in a hundred."""

import itertools
import random
import threading
import time
from collections.abc import Callable
from functools import partial

from tests.bench.booking import bookers, free_slots
from tests.bench.client import Answer, Client, crowd
from tests.bench.data import LARGE, SMALL
from tests.bench.growth import links
from tests.bench.house import House
from tests.bench.pages import event_type_address
from tests.bench.table import Figures, Row, Table, say

CLIENTS, WRITES = 32, 5
CLOCKS = (630, 690)


def measure(table: Table, house: House, *, quick: bool) -> None:
    size, seconds = (SMALL, 10) if quick else (LARGE, 300)
    with house.web(size.database, workers=2) as port:
        handles = [
            f"person-{number}" for number in random.sample(range(1, size.people + 1), CLIENTS * (1 if quick else 30))
        ]
        addresses = [*map(event_type_address, handles), *itertools.islice(links(house, size), len(handles) // 2)]
        works = [_mixed(port, mine, addresses) for mine in itertools.batched(handles, len(handles) // CLIENTS)]
        memory: list[tuple[float, str, float]] = []
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=(port, memory, stop))
        watch.start()
        load = crowd(works[:CLIENTS], seconds)
        stop.set()
        watch.join()
    figures = Figures.of(load.milliseconds)
    errors = sum(count for status, count in load.statuses.items() if status not in {200, 302})
    tail = figures.p99 / figures.median
    what = f"{CLIENTS} clients, {WRITES} % bookings, {seconds} s, {size.people:,} organizers"
    words = f"{load.per_second:.0f}/s, {say(figures)}, {errors} errors"
    table.add(
        Row(
            "6",
            what,
            words,
            "",
            tail,
            "no error, p99 under 20x the median",
            not errors and tail < 20,
            {"load": vars(figures), "statuses": load.statuses},
        )
    )
    early, late, most = _memory(memory)
    flat = late <= early * 1.05 + 2
    words = f"{early:.0f} MB in the second fifth, {late:.0f} MB in the last, {most:.0f} MB at most"
    table.add(
        Row(
            "6",
            "memory of a worker",
            words,
            "",
            late / early,
            "under 150 MB and flat",
            most < 150 and flat,
            {"samples": memory},
        )
    )


def _mixed(port: int, handles: tuple[str, ...], addresses: list[str]) -> Callable[[], Answer]:
    client, dice = Client(port), random.Random(handles[0])
    writes = itertools.cycle(bookers(port, handles, partial(free_slots, CLOCKS)))

    def work() -> Answer:
        if dice.random() * 100 < WRITES:
            return next(writes)()
        return client.get(dice.choice(addresses))

    return work


def _watch(port: int, memory: list[tuple[float, str, float]], stop: threading.Event) -> None:
    began = time.monotonic()
    while not stop.wait(1):
        _, process, megabytes = ["", *Client(port).get("/floor/memory/").body.decode().split()]
        memory.append((time.monotonic() - began, process, float(megabytes)))


def _memory(samples: list[tuple[float, str, float]]) -> tuple[float, float, float]:
    """Return the largest worker's memory in the second and the last fifth of the time, and the peak."""
    end = max(at for at, _, _ in samples)

    def most(first: float, last: float) -> float:
        return max(size for at, _, size in samples if first * end <= at <= last * end)

    return most(0.2, 0.4), most(0.8, 1), most(0, 1)
