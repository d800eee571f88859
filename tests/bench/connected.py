"""Row 10: what connected calendars cost an invitee's pages, next to a person with none and the same slots."""

from collections.abc import Callable
from functools import partial

from tests.bench.client import Client, in_turns
from tests.bench.data import CONNECTED, SMALL
from tests.bench.house import House
from tests.bench.pages import event_type_address, one_off_address
from tests.bench.table import Table

WITHOUT = "busy-hundred"
MOST = 1.15
WORDS = {"connected-year": "in 400 days", "connected-month": "in the month shown"}


def measure(table: Table, house: House, *, quick: bool) -> None:
    times = 60 if quick else 400
    with house.web(SMALL.database) as port:
        client = Client(port)
        _measure_page(table, client, "event type", event_type_address, times)
        _measure_page(table, client, "one-off", partial(one_off_address, house, SMALL.database), times)
    table.note("Row 10: the floor is the same page of a person with the same bookings and no connected calendar.")


def _measure_page(table: Table, client: Client, page: str, address_of: Callable[[str], str], times: int) -> None:
    without = partial(client.get, address_of(WITHOUT))
    # A server's first answer takes more queries.
    without()
    queries = client.record(f"{page} unconnected", "GET", address_of(WITHOUT))
    for handle in CONNECTED:
        ours = partial(client.get, address_of(handle))
        found = client.record(f"{page} {handle}", "GET", address_of(handle))
        assert found == queries, f"{found} queries instead of {queries}"
        assert ours().body.count(b'class="slot"') == without().body.count(b'class="slot"')
        taken = in_turns({"ours": ours, "floor": without}, times)
        what = f"GET {page}, 3 calendars of 500 busy times {WORDS[handle]}, {queries} queries"
        table.compare("10", what, taken["ours"], taken["floor"], most=MOST)
