"""Row 4: booking, against a view that inserts one row in a transaction; and one organizer whom everyone books."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from tests.bench.client import Answer, Client, Load, crowd
from tests.bench.data import HOT, SMALL
from tests.bench.house import House
from tests.bench.table import Figures, Row, Table, ms

MOST = 2.0
_numbers = itertools.count()


def form(slot: datetime, number: int) -> dict[str, object]:
    return {
        "slot": f"{slot:%Y-%m-%dT%H:%M:%SZ}",
        "name": f"Invitee {number}",
        "email": f"invitee-{number}@bench.example.com",
        "time_zone": "Europe/Amsterdam",
        "notes": "",
    }


def free_slots(clocks: Sequence[int] = (750, 780, 810, 960)) -> Iterator[datetime]:
    """Slots of any of the people: on workdays, at `clocks`, minutes of the day that data.py leaves free.

    Each part of the benchmark has clocks of its own.
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(2, 110):
        day = today + timedelta(days=days)
        if day.weekday() < 5:
            yield from (day + timedelta(minutes=minutes) for minutes in clocks)


def hot_slots() -> Iterator[datetime]:
    """Return every five minutes of almost a year, day and night."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=2, minutes=5 * number) for number in range(12 * 24 * 360))


class Shared(Iterator[datetime]):
    """An iterator that several threads can share."""

    def __init__(self, values: Iterator[datetime]) -> None:
        self.values, self.lock = values, threading.Lock()

    def __next__(self) -> datetime:
        with self.lock:
            return next(self.values)


def book(client: Client, address: str, slots: Iterator[datetime]) -> Answer:
    return client.post(address, form(next(slots), next(_numbers)))


def bookers(
    port: int, handles: Sequence[str], slots_of: Callable[[], Iterator[datetime]] = free_slots
) -> list[Callable[[], Answer]]:
    """Return one client for each organizer."""
    works = []
    for handle in handles:
        client, slots = Client(port), slots_of()
        works.append(partial(book, client, f"/{handle}/intro/", slots))
    return works


def measure(table: Table, house: House, *, quick: bool) -> None:
    seconds, counts = (3.0, (1, 8)) if quick else (5.0, (1, 4, 16, 32))
    people = (f"person-{number}" for number in range(1, SMALL.people + 1))
    hot = Shared(hot_slots())
    with house.web(SMALL.database, workers=2) as port:
        for count in counts:
            distinct, one, floor = _three(port, list(itertools.islice(people, count)), hot, seconds)
            _add(table, f"POST booking, distinct organizers, {count} clients", distinct, floor, most=MOST)
            _add(table, f"POST booking, one hot organizer, {count} clients", one, floor, distinct=distinct)
    table.note(
        "Row 4: the floor's view reads the same form through the same middleware and inserts one row in one"
        " transaction; a booking locks, asks again, and writes a booking, its busy time, a line of history, two mail"
        " records and two jobs. Both commits are durable (fsync). 2 workers of 4 threads each serve all; the clients"
        " are threads of one Python process on the same cores."
    )


def _three(port: int, handles: Sequence[str], hot: Iterator[datetime], seconds: float) -> tuple[Load, Load, Load]:
    """Measure distinct organizers, the hot one, and the floor, a second of each in turns."""
    clients = [Client(port) for _ in handles]
    for client in clients:
        client.take_token("/accounts/login/")
    data = form(datetime.now(UTC), 0)
    all_works: tuple[list[Callable[[], Answer]], ...] = (
        bookers(port, handles),
        [partial(book, client, f"/{HOT}/intro/", hot) for client in clients],
        [partial(client.post, "/floor/insert/", data) for client in clients],
    )
    loads = (Load(), Load(), Load())
    for _ in range(round(seconds)):
        for load, works in zip(loads, all_works, strict=True):
            load.add(crowd(works, 1.0))
    return loads


def _add(
    table: Table, what: str, load: Load, floor: Load, *, most: float | None = None, distinct: Load | None = None
) -> None:
    failures = sum(count for status, count in load.statuses.items() if status != 302)
    ratio = floor.per_second / load.per_second
    mine, low = Figures.of(load.milliseconds), Figures.of(floor.milliseconds)
    words = [
        f"{each.per_second:.0f}/s, median {ms(f.median)} ms, p99 {ms(f.p99)}"
        for each, f in ((load, mine), (floor, low))
    ]
    if failures:
        words[0] += f", {failures} FAILED"
    figures = {"ours": vars(mine), "floor": vars(low), "statuses": load.statuses}
    if most is not None:
        table.add(Row("4", what, *words, ratio, f"at most {most}x", ratio <= most and not failures, figures))
    else:
        share = load.per_second / distinct.per_second if distinct else 0
        goal = f"no failure ({share:.0%} of distinct)"
        table.add(Row("4", what, *words, ratio, goal, not failures, figures | {"of_distinct": share}))
