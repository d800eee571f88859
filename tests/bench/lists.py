"""The calendar feed and the file of all meetings of a person with 10,000. Not part of the goals."""

import statistics

from tests.bench.client import Client
from tests.bench.data import LARGE, LONG, SMALL
from tests.bench.house import House
from tests.bench.table import Row, Table, ms


def measure(table: Table, house: House, *, quick: bool) -> None:
    size = SMALL if quick else LARGE
    token = "benchfeed0123456789"
    with house.connect(size.database) as connection:
        connection.execute(
            "INSERT INTO scheduling_calendarfeed (token, created_at, changed_at, user_id)"
            " SELECT %s, now(), now(), id FROM accounts_user WHERE handle = %s ON CONFLICT DO NOTHING",
            [token, LONG],
        )
    with house.web(size.database) as port:
        client = Client(port).sign_in(LONG)
        feed = f"/feeds/{token}.ics"
        first = client.get(feed)
        assert first.status == 200, f"the feed answered {first.status}"
        known = {"If-None-Match": first.headers["etag"]}
        again = [client.get(feed, **known) for _ in range(3)]
        assert {answer.status for answer in again} == {304}
        file = client.get("/settings/data/meetings.ics")
        assert file.status == 200, f"the file answered {file.status}"
    seconds = statistics.median(answer.seconds for answer in again)
    rows = f"{size.long:,} meetings"
    table.add(
        Row("+", f"calendar feed of {rows}, whole", f"{ms(first.seconds * 1000)} ms, {len(first.body) / 1e3:.0f} kB")
    )
    table.add(Row("+", f"calendar feed of {rows}, unchanged (304)", f"{ms(seconds * 1000)} ms"))
    table.add(
        Row("+", f"all meetings as one file, {rows}", f"{ms(file.seconds * 1000)} ms, {len(file.body) / 1e3:.0f} kB")
    )
