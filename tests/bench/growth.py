"""Row 5: the same pages and bookings from a small and a large database, in turns; and the plans of their queries."""

import itertools
import json
import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from tests.bench.booking import bookers, form, free_slots
from tests.bench.client import Ask, Client, in_turns
from tests.bench.data import CREATOR, LARGE, LONG, SMALL, Size
from tests.bench.house import House
from tests.bench.pages import creator_form, event_type_address
from tests.bench.table import Figures, Row, Table, say

MEDIAN, P99, LISTS = 1.1, 1.5, 1.5
CLOCKS, CLOCKS_OF_PLANS = (720, 990), (570,)
MOST_ROWS_READ_WHOLE = 200  # of a table that the planner may read without an index: it is smaller than its index


def measure(table: Table, house: House, *, quick: bool) -> None:
    if quick:
        table.note("Row 5 was left out: --quick has no large database.")
        return
    with house.web(SMALL.database) as small, house.web(LARGE.database) as large:
        ports = {"small": (small, SMALL), "large": (large, LARGE)}
        kinds = ("event type", "one-off", "creator", "step", "booking")
        asks = {kind: {name: _asks(kind, house, *where) for name, where in ports.items()} for kind in kinds}
        for kind in kinds:
            taken = in_turns(asks[kind], 300, expect=302 if kind == "booking" else 200, warm=20)
            _add(table, kind, taken["small"], taken["large"])
        for address in ("/one-offs/", "/meetings/", "/meetings/?show=past", "/meetings/?page=7"):
            lists = {name: partial(Client(port).sign_in(LONG).get, address) for name, (port, _) in ports.items()}
            taken = in_turns(lists, 40)
            _add(
                table,
                f"GET {address}, {SMALL.long} and {LARGE.long:,} rows",
                taken["small"],
                taken["large"],
                most=LISTS,
            )
    _explain(table, house)
    table.note(
        "Row 5: two servers of one worker each, asked in turns. Around now every organizer has the same in both"
        " databases; each request is of another organizer, which spreads the reads over the large one"
        " and not from one warm corner."
    )


def _asks(kind: str, house: House, port: int, size: Size) -> Ask:
    handles = itertools.cycle(f"person-{1 + n * 37 % size.people}" for n in range(size.people))
    if kind == "booking":
        works = iter(bookers(port, [next(handles) for _ in range(80)], partial(free_slots, CLOCKS)) * 5)
        return lambda: next(works)()
    if kind in {"creator", "step"}:
        client = Client(port).sign_in(CREATOR)
        if kind == "creator":
            return partial(client.get, "/one-offs/new/")
        typed = creator_form(client)
        step = typed | {"add_time": str(typed["last_day"])}
        return partial(client.post, "/one-offs/new/", step, **{"HX-Request": "true", "HX-Target": "creator-times"})
    client = Client(port)
    if kind == "event type":
        return lambda: client.get(event_type_address(next(handles)))
    addresses = links(house, size)
    return lambda: client.get(next(addresses))


def links(house: House, size: Size) -> Iterator[str]:
    with house.connect(size.database) as connection:
        rows = connection.execute(
            "SELECT handle, token FROM accounts_user"
            " JOIN oneoff_singleuselink ON one_off_id = bench_id('one-off ' || handle)"
            " WHERE handle LIKE 'person-%' ORDER BY md5(handle) LIMIT 2000"
        ).fetchall()
    return itertools.cycle(f"/{handle}/o/{token}/" for handle, token in rows)


def _add(table: Table, what: str, small: list[float], large: list[float], *, most: float = MEDIAN) -> None:
    few, many = Figures.of(small), Figures.of(large)
    ratio, tail = many.median / few.median, many.p99 / few.p99
    goal = f"at most {most}x" + (f", p99 {P99}x (it is {tail:.2f}x)" if most == MEDIAN else "")
    met = ratio <= most and (most != MEDIAN or tail <= P99)
    figures = {"small": vars(few), "large": vars(many), "p99 ratio": tail}
    table.add(Row("5", f"{what}, large vs. small", say(many), say(few), ratio, goal, met, figures))


def _explain(table: Table, house: House) -> None:
    """Return the plans of every query of these pages, with their parameters, in the large database."""
    scans: list[str] = []
    with house.web(LARGE.database) as port:
        for name, sql in _queries(house, port):
            with house.connect(LARGE.database) as connection:
                lines = [str(row[0]) for row in connection.execute("EXPLAIN (COSTS ON) " + sql.replace("%", "%%"))]
                table.plans[f"{name}: {sql}"] = lines
                scans += [
                    f"{name}: {found[1]}"
                    for line in lines
                    if (found := re.search(r"Seq Scan on (\w+)", line)) and _is_large(connection, found[1])
                ]
    words = f"{len(table.plans)} queries, {len(scans)} read a whole table"
    table.add(
        Row(
            "5",
            "plans",
            words + (": " + "; ".join(sorted(set(scans))) if scans else ""),
            "",
            None,
            "all by index",
            not scans,
        )
    )


def _queries(house: House, port: int) -> Iterator[tuple[str, str]]:
    """Return each query as it was sent, with its parameters."""
    client, link = Client(port), next(links(house, LARGE))
    signed_in = {handle: Client(port).sign_in(handle) for handle in (CREATOR, LONG)}
    typed = creator_form(signed_in[CREATOR])
    slot = next(free_slots(CLOCKS_OF_PLANS))
    pages = [
        ("event type", client, "GET", event_type_address("person-77"), None),
        ("one-off", client, "GET", link, None),
        ("creator", signed_in[CREATOR], "GET", "/one-offs/new/", None),
        ("step", signed_in[CREATOR], "POST", "/one-offs/new/", typed | {"add_time": str(typed["last_day"])}),
        ("booking", client, "POST", "/person-9/intro/", form(slot, 0)),
        ("board", signed_in[LONG], "GET", "/one-offs/", None),
        ("meetings", signed_in[LONG], "GET", "/meetings/", None),
        ("past meetings", signed_in[LONG], "GET", "/meetings/?show=past", None),
    ]
    for name, who, method, address, data in pages:
        who.record(name, method, address, data)
        for sql in json.loads(who.get(f"/floor/sql/{quote(name)}/", **{"Accept-Encoding": "identity"}).body):
            if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
                yield name, sql


def _is_large(connection, name: str) -> bool:
    rows = connection.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [name]).fetchone()
    return rows is not None and rows[0] > MOST_ROWS_READ_WHOLE
