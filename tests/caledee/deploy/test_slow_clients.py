"""Slow clients don't block others, and are dropped in time."""

import http.client
import socket
import time
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread

import pytest

from tests.support.demo_process import wait_until
from tests.support.serving import Serving, own_database

pytestmark = pytest.mark.django_db

HOST = b"Host: 127.0.0.1\r\n"
HALF_HEAD = b"GET /accounts/login/ HTTP/1.1\r\n" + HOST + b"X-Odd: "
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
HALF_BODY = b"POST /test/echo/ HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 4000\r\n\r\nname="
LARGE = b"GET /test/large/3000000/ HTTP/1.1\r\n" + HOST + b"\r\n"
PAGES = ["/healthz", "/", "/accounts/login/", "/robots.txt"]
IMPATIENT = "tests.support.impatient.ImpatientWorker"


@pytest.fixture(scope="module")
def database(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database("slow") as url:
        yield url


@contextmanager
def running(database, *options):
    serving = Serving(database)
    try:
        serving.start(*options)
        yield serving
    finally:
        serving.stop()


@pytest.fixture(scope="module")
def serving(database):
    with running(database, "--worker-class", IMPATIENT, "--worker-connections", "900") as serving:
        yield serving


class Crowd(Thread):
    """Many connections that have sent `first`. If they drip, they send a byte each second and read responses.
    Otherwise they do neither until they are asked to."""

    def __init__(self, port, first, count, *, drips):
        super().__init__(daemon=True)
        self.over, self.drips = Event(), drips
        self.lines = [connect(port) for _ in range(count)]
        self.told = dict.fromkeys(self.lines, b"")
        for line in self.lines:
            with suppress(ConnectionResetError):  # of a full house
                line.sendall(first)
        self.start()

    def run(self):
        while self.drips and not self.over.wait(0.5):
            for line in self.lines:
                if not self.told[line]:
                    self.told[line] = drip(line)

    def close(self):
        self.over.set()
        self.join()
        for line in self.lines:
            line.close()


def drip(line):
    try:
        line.send(b"x")
        return line.recv(4096, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""
    except OSError as error:
        return str(error).encode()


def connect(port):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(20)
    line.connect(("127.0.0.1", port))
    return line


def read_to_end(line):
    said = b""
    with suppress(ConnectionResetError):
        while piece := line.recv(65_536):
            said += piece
    return said


def say(port, *pieces):
    """Send these bytes and return the whole response. The client closes the connection last."""
    with connect(port) as line:
        for piece in pieces:
            line.sendall(piece)
        return read_to_end(line)


def ask(port, path):
    """Return the status and the seconds it took."""
    started = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path)
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status, time.monotonic() - started


def is_reset(line):
    """Return whether the server reset the connection, which discards what wasn't read."""
    try:
        line.send(b"x")
    except ConnectionError:
        return True
    return False


def test_hundreds_of_slow_clients_block_nobody_and_are_dropped(serving):
    ask(serving.port, "/")
    with ExitStack() as stack:
        heads, bodies, unread = (
            Crowd(serving.port, HALF_HEAD, 300, drips=True),
            Crowd(serving.port, HALF_BODY, 300, drips=True),
            Crowd(serving.port, LARGE, 100, drips=False),
        )
        for crowd in (heads, bodies, unread):
            stack.callback(crowd.close)
        answered = [ask(serving.port, page) for page in PAGES]
        wait_until(lambda: all([*heads.told.values(), *bodies.told.values()]), 30, what="all slow senders told")
        wait_until(lambda: all(map(is_reset, unread.lines)), 30, what="all that did not read hung up on")

    assert [status for status, _ in answered] == [200] * 4
    assert max(seconds for _, seconds in answered) < 3
    for crowd in (heads, bodies):
        assert {said.partition(b"\r\n")[0] for said in crowd.told.values()} == {b"HTTP/1.1 408 Request Timeout"}
    assert [ask(serving.port, page)[0] for page in PAGES] == [200] * 4


def test_a_full_server_still_accepts_new_clients(database):
    with running(database, "--workers", "1", "--worker-connections", "20") as serving:
        crowd = Crowd(serving.port, HALF_HEAD, 60, drips=False)
        answered = [ask(serving.port, page)[0] for page in PAGES]
        crowd.close()

    assert answered == [200] * 4


def test_a_connection_without_a_request_is_closed_without_a_response(serving):
    assert say(serving.port) == b""


def test_writing_requests_leave_threads_for_others(serving):
    """Send more writing requests than there are threads, like bookings that wait for a row."""
    slow = b"POST /test/wait/4/ HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    lines = [connect(serving.port) for _ in range(20)]
    for line in lines:
        line.sendall(slow)
    answered = [ask(serving.port, page) for page in PAGES]
    for line in lines:
        line.close()

    assert [status for status, _ in answered] == [200] * 4
    assert max(seconds for _, seconds in answered) < 3


def test_the_health_check_responds_while_every_thread_is_busy(serving):
    lines = [connect(serving.port) for _ in range(20)]
    for line in lines:
        line.sendall(b"GET /test/wait/3/ HTTP/1.1\r\n" + HOST + b"\r\n")
    status, seconds = ask(serving.port, "/healthz")
    for line in lines:
        line.close()

    assert status == 200
    assert seconds < 2


def test_a_slow_reader_that_keeps_reading_gets_the_whole_response(serving):
    with connect(serving.port) as line:
        line.sendall(LARGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        said = b""
        while piece := line.recv(4096):
            said += piece

    assert said.partition(b"\r\n\r\n")[2] == b"0123456789" * 300_000


def test_a_request_in_progress_is_answered_during_a_reload(database):
    with running(database) as serving, connect(serving.port) as line:
        line.sendall(HALF_BODY.replace(b"4000", b"9"))
        ask(serving.port, "/")
        serving.process.send_signal(1)
        wait_until(lambda: serving.said.count("Booting worker") == 4, 60, what="new workers")
        # Both former workers are told to stop at the same time. The one without a request ends at once.
        wait_until(lambda: "Worker exiting" in serving.said, 60, what="end of a former worker")
        line.sendall(b"Dana")
        said = read_to_end(line)

    assert said.endswith(b"\r\n\r\nPOST Dana")
    assert b"\r\nConnection: close\r\n" in said
