"""Rows 2 and 3: an invitee's pages and the creator, each in turns with its floor in the same process."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from tests.bench.client import Answer, Client, in_turns
from tests.bench.data import BUSY, CREATOR, SMALL
from tests.bench.house import House
from tests.bench.table import Row, Table

EVENT_TYPE, ONE_OFF, CREATOR_PAGE, STEP = 1.5, 1.3, 2.0, 2.0
MOST_QUERIES = {"event type": 6, "one-off": 5}


def next_month() -> date:
    return (datetime.now(UTC).date().replace(day=1) + timedelta(days=32)).replace(day=1)


def a_workday(month: date) -> date:
    """Return a Wednesday of the second week."""
    return month + timedelta(days=(2 - month.weekday()) % 7 + 7)


def event_type_address(handle: str) -> str:
    return f"/{handle}/intro/?date={a_workday(next_month()):%Y-%m-%d}&time_zone=Europe/London"


def one_off_address(house: House, database: str, handle: str) -> str:
    with house.connect(database) as connection:
        token = connection.execute(
            "SELECT token FROM oneoff_singleuselink WHERE one_off_id = bench_id('one-off ' || %s)", [handle]
        ).fetchone()
    assert token
    return f"/{handle}/o/{token[0]}/"


def creator_form(client: Client) -> dict[str, object]:
    """Return the filled-in form, with 4 times on each of 10 workdays."""
    first = a_workday(next_month())
    days = [day for day in (first + timedelta(days=n) for n in range(20)) if day.weekday() < 5][:10]
    times = [f"{day:%Y-%m-%d}T{clock}" for day in days for clock in ("09:00", "10:00", "11:00", "13:30")]
    return {
        "organizer": CREATOR,
        "name": "Interview",
        "duration": "30",
        "location_kind": "video",
        "location": "https://meet.example.com/interview",
        "hold_times": "on",
        "shown_month": f"{next_month():%Y-%m}",
        "last_day": f"{days[-1]:%Y-%m-%d}",
        "times": times,
        "clock": [each[-5:] for each in times],
    }


def measure(table: Table, house: House, *, quick: bool) -> None:
    times = 60 if quick else 400
    with house.web(SMALL.database) as port:
        _measure_invitees(table, house, Client(port), times)
        _measure_creator(table, Client(port).sign_in(CREATOR), times)
    table.note(
        "Rows 2 and 3: the floor sends the page's own SQL with the page's own parameters, fetches the rows, makes no"
        " objects of them, renders no template, and answers with the recorded octets through the same middleware and"
        " gzip. It parses no query string or form beyond what the CSRF check reads."
    )
    table.note("Clients, servers and PostgreSQL share the cores; what is compared is asked in turns, one at a time.")


def _measure_invitees(table: Table, house: House, client: Client, times: int) -> None:
    counts = {}
    for handle, busy in BUSY.items():
        counts[busy] = client.record(f"busy{busy}", "GET", event_type_address(handle))
    floor = lambda name: client.get(f"/floor/public/{name}/")  # noqa: E731
    for handle, busy in list(BUSY.items())[2:]:
        what = f"GET event type, {busy} busy, {counts[busy]} queries"
        ours = partial(client.get, event_type_address(handle))
        _against_floor(table, "2", what, f"busy{busy}", EVENT_TYPE, ours, floor, times)
    address = one_off_address(house, SMALL.database, "busy-none")
    counts["one-off"] = client.record("one-off", "GET", address)
    what = f"GET one-off, {SMALL.held} times, {counts['one-off']} queries"
    _against_floor(table, "2", what, "one-off", ONE_OFF, lambda: client.get(address), floor, times)
    same = counts[1] == counts[1000]
    met = same and counts[1000] <= MOST_QUERIES["event type"] and counts["one-off"] <= MOST_QUERIES["one-off"]
    words = f"{counts[1]} with 1 busy, {counts[1000]} with 1000; one-off {counts['one-off']}"
    table.add(Row("2", "queries", words, "", None, "at most 6 and 5, the same", met, {"queries": counts}))


def _measure_creator(table: Table, client: Client, times: int) -> None:
    form, address = creator_form(client), "/one-offs/new/"
    count = client.record("creator", "GET", address)
    floor = lambda name: client.get(f"/floor/signed-in/{name}/")  # noqa: E731
    _against_floor(
        table, "3", f"GET creator, {count} queries", "creator", CREATOR_PAGE, lambda: client.get(address), floor, times
    )
    step = form | {"add_time": str(form["last_day"])}
    htmx = {"HX-Request": "true", "HX-Target": "creator-times"}
    count = client.record("step", "POST", address, step, **htmx)
    floor = lambda name: client.post(f"/floor/signed-in/{name}/", step, **htmx)  # noqa: E731
    what = f"one step of the creator, 40 times on 10 days, {count} queries"
    median = _against_floor(table, "3", what, "step", STEP, lambda: client.post(address, step, **htmx), floor, times)
    table.add(Row("3", "one step, by itself", f"{median:.1f} ms", "", None, "under 25 ms", median < 25))
    whole = form | {"refresh": "1"}
    client.record("whole", "POST", address, whole)
    floor = lambda name: client.post(f"/floor/signed-in/{name}/", whole)  # noqa: E731
    what = "the whole creator with 40 times on 10 days"
    _against_floor(table, "3", what, "whole", CREATOR_PAGE, lambda: client.post(address, whole), floor, times)


def _against_floor(
    table: Table,
    row: str,
    what: str,
    name: str,
    most: float,
    ours: Callable[[], Answer],
    floor: Callable[[str], Answer],
    times: int,
) -> float:
    """Return our median in milliseconds."""
    octets = {ours().headers["content-encoding"], floor(name).headers["content-encoding"]}
    assert octets == {"gzip"}, f"{what}: {octets}"
    sizes = {"ours": len(ours().body), "floor": len(floor(name).body)}
    taken = in_turns({"ours": ours, "floor": lambda: floor(name)}, times)
    table.compare(row, what, taken["ours"], taken["floor"], most=most, octets=sizes, at=time.strftime("%H:%M"))
    return sorted(taken["ours"])[len(taken["ours"]) // 2]
