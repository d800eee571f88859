"""The site over real sockets, for requests that no browser would send.

The server runs in threads of this process, on the database connection of the test, which allows the test to undo what
a request wrote. How gunicorn, in a process of its own, reads requests is tested in `tests/journeys/test_bodies.py`.
"""

import http.client
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import quote_from_bytes

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import Client

from caledee.wsgi import application

FORM = "application/x-www-form-urlencoded"
SECRET = "x" * 32  # of the CSRF protection: cookie and field
Pairs = Sequence[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    content: bytes

    @property
    def is_page(self) -> bool:
        return self.headers.get_content_type() == "text/html"

    @property
    def text(self) -> str:
        return self.content.decode()


class QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it has in the standard library)
        pass


@contextmanager
def serving() -> Iterator[int]:
    """The port of the site."""
    shared = connections["default"]
    shared.inc_thread_sharing()
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler, connections_override={"default": shared})
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        shared.dec_thread_sharing()


@dataclass
class Visitor:
    """A browser as it was at one moment: it keeps no new cookies."""

    port: int
    cookies: Mapping[str, str] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @classmethod
    def like(cls, client: Client, port: int) -> "Visitor":
        """Return a visitor with the cookies of this client."""
        return cls(port, {name: morsel.value for name, morsel in client.cookies.items()})

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", address, headers=headers)

    def post(self, address: str, pairs: Pairs, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send(address, write_form(pairs), headers=headers)

    def send(self, address: str, body: bytes, kind: str = FORM, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a POST with any body and the CSRF token in a header."""
        sent = {"Content-Type": kind, "X-CSRFToken": SECRET} | (headers or {})
        return self.ask("POST", address, body, sent)

    def ask(
        self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.count += 1
        cookies = dict(self.cookies) | {"csrftoken": SECRET}
        sent = {"Host": "caledee.test", "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        try:
            self.connection.request(method, address, body, sent | dict(headers or {}))
            response = self.connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except BaseException:
            self.connection.close()
            raise


def write_form(pairs: Pairs) -> bytes:
    """Percent-encode the bytes, which need not be UTF-8."""
    return b"&".join(f"{_quote(name)}={_quote(value)}".encode() for name, value in pairs)


def _quote(text: str | bytes) -> str:
    return quote_from_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), safe="")
