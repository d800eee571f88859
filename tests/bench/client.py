"""Clients: a kept connection with cookies, and ways to ask in turns. Only the standard library.

The client and the server share the machine's cores. One client alternates between what is compared, and other load on
the machine affects both alike.
"""

import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


# Without the cookie by which a browser finds its bookings again: each booking comes from a new invitee.
KEPT = {"csrftoken", "sessionid"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    octets: int  # of the answer, its head included


class Client:
    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, address: str, data: object = None, headers: dict[str, str] | None = None) -> Answer:
        body = urlencode(data, doseq=True) if data else None  # type: ignore[arg-type]
        sent = {"Accept-Encoding": "gzip", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent.setdefault("Origin", f"http://127.0.0.1:{self.port}")
        began = time.perf_counter()
        try:
            response = self._exchange(method, address, body, sent)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # A server may close a kept connection at any time; what it did not take is asked again.
            self.connection.close()
            response = self._exchange(method, address, body, sent)
        content = response.read()
        seconds = time.perf_counter() - began
        found = response.getheaders()
        for name, value in found:
            cookie, _, rest = value.partition(";")[0].partition("=")
            if name.lower() == "set-cookie" and cookie in KEPT:
                self.cookies[cookie] = rest
        head = 17 + len(response.reason or "") + sum(len(name) + len(value) + 4 for name, value in found)
        return Answer(response.status, {n.lower(): v for n, v in found}, content, seconds, head + len(content))

    def get(self, address: str, **headers: str) -> Answer:
        return self.ask("GET", address, headers=headers)

    def post(self, address: str, data: dict[str, object], **headers: str) -> Answer:
        return self.ask("POST", address, {"csrfmiddlewaretoken": self.token, **data}, headers)

    def take_token(self, address: str) -> None:
        """Return the CSRF token of a page with a form."""
        answer = self.ask("GET", address, headers={"Accept-Encoding": "identity"})
        found = TOKEN.search(answer.body)
        assert found, f"{address} answered {answer.status} without a token"
        self.token = found[1].decode()

    def sign_in(self, handle: str) -> "Client":
        answer = self.ask("GET", f"/floor/sign-in/{handle}/", headers={"Accept-Encoding": "identity"})
        assert answer.status == 200, f"cannot sign in as {handle}: {answer.status}"
        self.token = answer.body.decode()
        return self

    def record(
        self, name: str, method: str, address: str, data: dict[str, object] | None = None, **headers: str
    ) -> int:
        """Let the server record this page for its floor. Return the number of queries it made."""
        headers = {**headers, "X-Bench-Record": name}
        answer = self.post(address, data, **headers) if data is not None else self.get(address, **headers)
        assert answer.status < 400, f"{method} {address} answered {answer.status}"
        return int(answer.headers["x-bench-queries"])

    def _exchange(
        self, method: str, address: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        self.connection.request(method, address, body, headers)
        return self.connection.getresponse()


Ask = Callable[[], Answer]


def in_turns(asks: dict[str, Ask], times: int, *, expect: int = 200, warm: int = 5) -> dict[str, list[float]]:
    """Return the milliseconds of each, asked `times` in turns. The order alternates."""
    names = list(asks)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(-warm, times):
        for name in names if turn % 2 else reversed(names):
            answer = asks[name]()
            assert answer.status == expect, f"{name} answered {answer.status}"
            if turn >= 0:
                taken[name].append(answer.seconds * 1000)
    return taken


@dataclass
class Load:
    """What a crowd of clients met."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0

    def add(self, other: "Load") -> None:
        self.milliseconds += other.milliseconds
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count
        self.seconds += other.seconds


def crowd(works: Sequence[Callable[[], Answer]], seconds: float) -> Load:
    """Run each of `works` in its own thread, repeatedly, until the time is up."""
    loads = [Load() for _ in works]
    until = time.perf_counter() + seconds

    def run(work: Callable[[], Answer], load: Load) -> None:
        while time.perf_counter() < until:
            answer = work()
            load.milliseconds.append(answer.seconds * 1000)
            load.statuses[answer.status] = load.statuses.get(answer.status, 0) + 1

    threads = [threading.Thread(target=run, args=pair) for pair in zip(works, loads, strict=True)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Load()
    for load in loads:
        whole.add(load)
    whole.seconds = time.perf_counter() - began
    return whole
