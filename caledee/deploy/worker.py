"""The web processes: gunicorn's threads, behind a loop that no slow client holds up.

gunicorn's own threaded worker reads and writes in the thread that answers, so that a few clients that send half a
header, or a body octet by octet, or never read their answer, keep every thread busy for ever. Here one loop reads
whole requests, with a deadline for each, hands only these to the threads, and sends what clients take slowly.

It speaks plain HTTP/1.x, as the proxy in front of it does.
"""

import errno
import selectors
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from caledee.deploy.connection import LONGEST_BODY, Connection, Phase, Refused, refusal
from caledee.ops.logs import HEALTH_CHECK

HANG_UP = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)
Action = Callable[[Connection], None]


class BufferingWorker(ThreadWorker):
    """All but `handle`, and what it calls, runs in the loop, which must never wait."""

    # Seconds: to begin a request on a new connection, and to send its head; then to send the body.
    head_seconds = 15.0
    body_seconds = 30.0
    # To take an answer: so many seconds, and one more for each so many octets that wait.
    send_seconds = 30.0
    slowest_reader = 4096
    # To close the other side of a connection, when all is sent.
    close_seconds = 3.0

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl or cfg.proxy_protocol != "off" or cfg.protocol != "http":
            raise RuntimeError("Caledee's web server speaks plain HTTP; TLS and other protocols are the proxy's.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[Connection] = set()
        # Of the threads, half answer requests that may change something, and so may wait for locks of the database.
        self.changing, self.most_changing = 0, max(1, self.cfg.threads // 2)
        self.changes: deque[Connection] = deque()
        self.next_look = 0.0

    def init_process(self) -> None:
        # Health checks are answered however long all others wait.
        self.health_pool = ThreadPoolExecutor(max_workers=1)
        super().init_process()

    def accept(self, listener: Any) -> None:
        try:
            raw, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self.make_room()
            return
        if self.nr_conns + 1 >= self.worker_connections:
            self.make_room()
        connection = Connection(raw, client, listener.getsockname(), self.cfg)
        self.nr_conns += 1
        self.connections.add(connection)
        self.wait_for_request(connection, self.head_seconds)
        self.act(connection, self.on_readable)

    def make_room(self) -> None:
        """The one that waits longest goes, so that a crowd of slow clients keeps nobody out."""
        waiting = [each for each in self.connections if each.phase is not Phase.ANSWERING]
        if waiting:
            self.drop(min(waiting, key=lambda each: each.since), reset=True)

    def act(self, connection: Connection, action: Action, _file: object = None) -> None:
        """An event may come late, for a connection that is dropped. No fault of one connection ends the loop."""
        if connection not in self.connections:
            return
        try:
            action(connection)
        except OSError:
            self.drop(connection)
        except Exception:
            self.log.exception("The web server failed at a connection")
            self.drop(connection)

    def wait_for_request(self, connection: Connection, seconds: float) -> None:
        self.enter(connection, Phase.IDLE, seconds if self.alive else min(seconds, STOP_KEEPALIVE_LINGER))
        self.keepalived_conns.append(connection)
        self.watch(connection, selectors.EVENT_READ, self.on_readable)

    def on_readable(self, connection: Connection) -> None:
        octets = connection.receive()
        if octets:
            self.take(connection, octets)
        elif octets is not None:
            self.drop(connection)

    def take(self, connection: Connection, octets: bytes) -> None:
        if connection.phase is Phase.IDLE:
            self.keepalived_conns.remove(connection)
            self.enter(connection, Phase.HEAD, self.head_seconds)
        had_head = connection.phase is Phase.BODY
        try:
            complete = connection.feed(octets)
        except Refused as refused:
            self.log.warning("Invalid request")
            self.refuse(connection, refused.status)
            return
        if complete:
            self.submit(connection)
        elif connection.phase is Phase.BODY and not had_head:
            self.enter(connection, Phase.BODY, self.body_seconds)

    def submit(self, connection: Connection) -> None:
        self.unwatch(connection)
        connection.phase = Phase.ANSWERING
        if connection.path == HEALTH_CHECK:
            self.answer(connection, self.health_pool)
        elif connection.changes_something:
            self.changes.append(connection)
            self.answer_changes()
        else:
            self.answer(connection, self.tpool)

    def answer_changes(self) -> None:
        while self.changes and self.changing < self.most_changing:
            self.changing += 1
            self.answer(self.changes.popleft(), self.tpool)

    def answer(self, connection: Connection, pool: ThreadPoolExecutor) -> None:
        future = pool.submit(self.handle, connection)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, connection, done))

    def finish_request(self, connection: Connection, future: "Future[bool]") -> None:
        if connection.changes_something:
            self.changing -= 1
            self.answer_changes()
        connection.stays_open = not future.cancelled() and future.exception() is None and future.result()
        self.act(connection, self.send_rest)

    def send_rest(self, connection: Connection) -> None:
        if connection.sock.waiting:
            self.enter(connection, Phase.SENDING, self.send_seconds + connection.sock.waiting / self.slowest_reader)
            self.watch(connection, selectors.EVENT_WRITE, self.on_writable)
        else:
            self.end_answer(connection)

    def on_writable(self, connection: Connection) -> None:
        if connection.sock.flush():
            self.unwatch(connection)
            self.end_answer(connection)

    def end_answer(self, connection: Connection) -> None:
        if connection.stays_open:
            rest = connection.take_rest()
            self.wait_for_request(connection, self.cfg.keepalive)
            if rest:
                self.take(connection, rest)
        else:
            connection.hang_up()
            self.enter(connection, Phase.CLOSING, self.close_seconds)
            self.watch(connection, selectors.EVENT_READ, self.on_rest)

    def on_rest(self, connection: Connection) -> None:
        octets = connection.receive()
        connection.discarded += len(octets or b"")
        if octets == b"" or connection.discarded > LONGEST_BODY:
            self.drop(connection)

    def refuse(self, connection: Connection, status: HTTPStatus) -> None:
        self.unwatch(connection)
        connection.stays_open = False
        connection.sock.sendall(refusal(status))
        self.send_rest(connection)

    def enter(self, connection: Connection, phase: Phase, seconds: float) -> None:
        now = time.monotonic()
        connection.phase, connection.since, connection.timeout = phase, now, now + seconds

    def watch(self, connection: Connection, event: int, action: Action) -> None:
        self.poller.register(connection.raw, event, partial(self.act, connection, action))
        connection.watched = True

    def unwatch(self, connection: Connection) -> None:
        if connection.watched:
            self.poller.unregister(connection.raw)
        connection.watched = False

    def drop(self, connection: Connection, *, reset: bool = False) -> None:
        self.connections.remove(connection)
        self.nr_conns -= 1
        if connection.phase is Phase.IDLE:
            self.keepalived_conns.remove(connection)
        self.unwatch(connection)
        connection.close(reset=reset)

    def murder_keepalived(self, force: bool = False) -> None:
        """Ends what has had its time, in whatever phase; all idle connections, where forced."""
        now = time.monotonic()
        if force:
            for connection in list(self.keepalived_conns):
                self.drop(connection)
        elif now >= self.next_look:
            self.next_look = now + 0.2
            timed = [each for each in self.connections if each.phase is not Phase.ANSWERING]
            for connection in [each for each in timed if each.timeout <= now]:
                self.act(connection, self.end_late)

    def end_late(self, connection: Connection) -> None:
        if connection.phase in {Phase.HEAD, Phase.BODY}:
            self.refuse(connection, HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.drop(connection, reset=connection.phase is Phase.SENDING)

    def handle(self, connection: Connection) -> bool:
        """Answer a request. Whether the connection may be used for another."""
        request = None
        try:
            request = connection.request()
            return bool(self.handle_request(request, connection))
        except (NoMoreData, StopIteration):
            self.log.debug("Closing connection.")
        except OSError as error:
            if error.errno not in HANG_UP:
                self.log.exception("Socket error processing request.")
        except Exception as error:
            self.handle_error(request, connection.sock, connection.client, error)
        return False
