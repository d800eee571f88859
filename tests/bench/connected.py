"""Row 10: what connected calendars cost the page of an event type, next to a person with none and the same slots."""

from functools import partial

from tests.bench.client import Client, in_turns
from tests.bench.data import CONNECTED, SMALL
from tests.bench.house import House
from tests.bench.pages import event_type_address
from tests.bench.table import Table

WITHOUT = "busy-hundred"
MOST = 1.15
WORDS = {"connected-year": "in 400 days", "connected-month": "in the month shown"}


def measure(table: Table, house: House, *, quick: bool) -> None:
    times = 60 if quick else 400
    with house.web(SMALL.database) as port:
        client = Client(port)
        without = partial(client.get, event_type_address(WITHOUT))
        # A server's first answer takes more queries.
        without()
        queries = client.record("unconnected", "GET", event_type_address(WITHOUT))
        for handle in CONNECTED:
            ours = partial(client.get, event_type_address(handle))
            found = client.record(handle, "GET", event_type_address(handle))
            assert found == queries, f"{found} queries instead of {queries}"
            assert ours().body.count(b'class="slot"') == without().body.count(b'class="slot"')
            taken = in_turns({"ours": ours, "floor": without}, times)
            what = f"GET event type, 3 calendars of 500 busy times {WORDS[handle]}, {queries} queries"
            table.compare("10", what, taken["ours"], taken["floor"], most=MOST)
    table.note("Row 10: the floor is the same page of a person with the same bookings and no connected calendar.")
