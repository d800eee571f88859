"""Row 8: the bytes of an invitee's page: the page and all that it requests, cold, and then warm."""

import re
from collections.abc import Iterator

from tests.bench.client import Answer, Client
from tests.bench.data import SMALL
from tests.bench.house import House
from tests.bench.pages import event_type_address, one_off_address
from tests.bench.table import Row, Table

ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
IMPORT = re.compile(r'(?:import|from)\s*"(\./[^"]+)"')
COLD, WARM = 60, 15
LIKE_A_BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
FOR_EVER = "immutable"


def measure(table: Table, house: House, *, quick: bool) -> None:
    with house.web(SMALL.database) as port:
        pages = [
            ("event type", event_type_address("busy-hundred")),
            ("one-off", one_off_address(house, SMALL.database, "busy-none")),
        ]
        for name, address in pages:
            _measure_page(table, Client(port), name, address)
    table.note("Row 8: answers with their heads, as gunicorn sends them over HTTP/1.1; requests are not counted in.")


def _measure_page(table: Table, client: Client, name: str, address: str) -> None:
    page = client.get(address, **LIKE_A_BROWSER)
    text = client.get(address, **{"Accept-Encoding": "identity"}).body.decode()
    assets = list(_assets(client, text))
    cold = (page.octets + sum(answer.octets for _, answer in assets)) / 1000
    asked_again = [answer for _, answer in assets if FOR_EVER not in answer.headers.get("cache-control", "")]
    again = client.get(address, **LIKE_A_BROWSER)
    warm = (again.octets + sum(answer.octets for answer in asked_again)) / 1000
    kinds = {
        kind: sum(each.octets for path, each in assets if path.endswith(kind)) for kind in (".css", ".js", ".svg")
    }
    words = f"{cold:.1f} kB in {1 + len(assets)} requests (page {page.octets / 1000:.1f} kB, " + ", ".join(
        f"{kind[1:]} {octets / 1000:.1f}" for kind, octets in kinds.items()
    )
    figures = {"assets": {path: answer.octets for path, answer in assets}, "page": page.octets}
    table.add(Row("8", f"{name}, cold", words + ")", "", None, f"at most {COLD} kB", cold <= COLD, figures))
    words = f"{warm:.1f} kB in {1 + len(asked_again)} requests"
    table.add(Row("8", f"{name}, warm", words, "", None, f"at most {WARM} kB", warm <= WARM))


def _assets(client: Client, text: str) -> Iterator[tuple[str, Answer]]:
    """Return everything that the page names and its scripts import."""
    waiting, seen = list(dict.fromkeys(ASSET.findall(text))), set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, **LIKE_A_BROWSER)
        assert answer.status == 200, f"{path} answered {answer.status}"
        yield path, answer
        if path.endswith(".js"):
            plain = client.get(path, **{"Accept-Encoding": "identity"}).body.decode()
            waiting += [f"{path.rpartition('/')[0]}/{name[2:]}" for name in IMPORT.findall(plain)]
