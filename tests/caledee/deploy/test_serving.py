"""Gunicorn as in production, without its database and during reloads."""

import http.client
import json
import signal
import socket
import time
from collections import Counter
from contextlib import contextmanager
from threading import Event, Thread

import psycopg
import pytest
from django.db import connection

from tests.support.demo_process import free_port, wait_until
from tests.support.serving import Serving, own_database, url_of

pytestmark = pytest.mark.django_db
FRESH, KEPT = "fresh", "kept"


@pytest.fixture
def serving(django_db_setup, django_db_blocker):
    with own_database("serving") as url:
        serving = Serving(url)
        yield serving
        serving.stop()


class Client(Thread):
    """Sends requests on one connection, or on a new one each time, and counts the responses.

    Like a browser, it opens a new connection if the server announced that it closes this one. It never retries.
    """

    def __init__(self, port: int, kind: str, pause: float, over: Event) -> None:
        super().__init__(daemon=True)
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.kind, self.pause, self.over = kind, pause, over
        self.told: Counter[object] = Counter()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.line.request("GET", "/accounts/login/")
                answer = self.line.getresponse()
                answer.read()
                self.told[answer.status] += 1
                if self.kind == FRESH:
                    self.line.close()
            except (OSError, http.client.HTTPException) as error:
                self.told[f"{self.kind}, {self.pause} s: {error!r}"] += 1
                self.line.close()
            time.sleep(self.pause)
        self.line.close()


def reload_under_load(serving, *, times, pauses):
    """Return all responses while gunicorn reloads so many times."""
    over = Event()
    clients = [Client(serving.port, kind, pause, over) for kind in (FRESH, KEPT) for pause in pauses]
    for client in clients:
        client.start()
    for number in range(1, times + 1):
        serving.process.send_signal(signal.SIGHUP)
        wait_until(lambda done=2 * (number + 1): serving.said.count("Booting worker") == done, 60, what="new workers")
        time.sleep(2.5)  # what the old ones grant to idle connections, and a little more
    over.set()
    for client in clients:
        client.join(25)
    return sum((client.told for client in clients), Counter())


def test_no_request_fails_during_a_reload(serving):
    serving.start()

    told = reload_under_load(serving, times=1, pauses=[0.02, 0.3])

    assert set(told) == {200}
    assert told[200] > 20


@pytest.mark.long
def test_no_request_fails_during_many_reloads(serving):
    serving.start()

    told = reload_under_load(serving, times=20, pauses=[0, 0.01, 0.1, 0.5, 1.3, 1.9])

    assert set(told) == {200}
    assert told[200] > 1_000


def test_no_cookie_breaks_the_site(serving):
    """Send cookies as gunicorn parses them: quoted values with octal escapes, and bytes that aren't UTF-8."""
    serving.start("--workers", "1")
    values = [b'"abcdefgh\\000ijkl"', b'"' + b"\\000" * 1_000 + b'"', b"abcdefgh\xed\xa0\x80", b"x" * 7_000]
    answers = {}
    for address in ["/", "/accounts/login/", "/one-offs/", "/nobody/"]:
        line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
        for value in values:
            cookies = b"; ".join(name + b"=" + value[:200] for name in [b"csrftoken", b"messages", b"bookings"])
            line.request("GET", address, headers={"Cookie": b"sessionid=" + value + b"; " + cookies})
            answer = line.getresponse()
            answer.read()
            answers.setdefault(address, set()).add(answer.status)
        line.close()

    assert answers == {"/": {200}, "/accounts/login/": {200}, "/one-offs/": {302}, "/nobody/": {404}}


def test_a_request_in_progress_is_answered_before_the_server_stops(serving):
    serving.start()
    line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    line.request("GET", "/test/wait/1.5/")
    time.sleep(0.5)

    serving.process.send_signal(signal.SIGTERM)

    answer = line.getresponse()
    assert (answer.status, answer.read()) == (200, b"waited")
    line.close()
    assert serving.process.wait(10) == 0


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", "9"), ("127.0.0.1", "closed"), ("127.0.0.1", "silent")], ids=lambda value: value
)
def test_the_health_check_is_quick_without_a_database(client, monkeypatch, host, port):
    """Use an unreachable address, a closed port, and a port that accepts connections but never responds."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        ports = {"closed": free_port(), "silent": silent.getsockname()[1]}
        with monkeypatch.context() as elsewhere:
            for name, value in [("HOST", host), ("PORT", str(ports.get(port, port))), ("OPTIONS", {})]:
                elsewhere.setitem(connection.settings_dict, name, value)
            started = time.monotonic()
            response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"the database does not respond")
    assert time.monotonic() - started < 4


def test_the_health_check_follows_the_state_of_the_database(serving):
    """Cut off all connections and allow no new ones, then allow them again."""
    serving.start("--workers", "1", "--threads", "1")
    assert page(serving) == 404
    with database_away("serving"):
        down = serving.healthz()
    up = serving.healthz()

    assert (down[0], down[2], up[0], up[2]) == (503, b"the database does not respond", 200, b"ok")
    assert page(serving) == 404
    assert [line["status"] for line in requests(serving) if line["route"] == "healthz"] == [503]


def test_every_page_is_unavailable_without_the_database(serving):
    serving.start("--workers", "1")
    assert page(serving) == 404
    addresses = ["/ada/", "/", "/event-types/", "/accounts/login/", "/no/where/at/all/", f"/ada/o/{'x' * 24}/"]
    with database_away("serving"):
        before = len(serving.said)
        told = [told_of(serving, address) for address in addresses]
        posted = told_of(serving, "/accounts/login/", "POST")
        said = serving.said[before:]

    unavailable = (503, "60", True)
    assert dict(zip(addresses, told, strict=True)) == dict.fromkeys(addresses, unavailable)
    assert posted == unavailable
    lines = [json.loads(line) for line in said.splitlines()]
    assert {(line["level"], line["logger"]) for line in lines} == {
        ("INFO", "caledee.requests"),
        ("WARNING", "caledee.database"),
    }
    assert "exception" not in said
    assert [told_of(serving, address)[0] for address in addresses] == [404, 200, 302, 200, 404, 404]


@contextmanager
def database_away(suffix):
    """Cut off all connections, and allow no new ones."""
    name = f"{connection.settings_dict['NAME']}_{suffix}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def told_of(serving, address, method="GET"):
    """Return the status, Retry-After, and whether it is the page about it, for a request with a session cookie."""
    line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    line.request(method, address, headers={"Cookie": f"sessionid={'x' * 32}"})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, answer.headers["Retry-After"], "Caledee is not available right now" in text


def test_the_health_check_needs_no_session_host_or_https(client, ada, settings, django_assert_num_queries):
    settings.SECURE_SSL_REDIRECT = True
    client.force_login(ada)

    with django_assert_num_queries(0):
        response = client.get("/healthz", headers={"Host": "10.0.0.7:8000"})

    assert (response.status_code, response.content, dict(response.cookies)) == (200, b"ok", {})
    assert client.post("/healthz").status_code == 405


def page(serving):
    line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    line.request("GET", "/ada/")  # is looked for in the database, where nobody is
    status = line.getresponse().status
    line.close()
    return status


def requests(serving):
    lines = [json.loads(line) for line in serving.said.splitlines()]
    return [line for line in lines if line["logger"] == "caledee.requests"]
