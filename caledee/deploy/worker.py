"""The gunicorn worker: threads behind a loop that slow clients can't block.

gunicorn's own threaded worker reads and writes in the thread that handles the request. A few clients that send half a
header, send a body byte by byte, or never read their response can occupy all threads permanently. Here, one loop reads
complete requests, each with a deadline, passes only these to the threads, and sends responses to slow clients.

It uses plain HTTP/1.x, like the proxy in front of it.
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
    """Everything except `handle` and what it calls runs in the loop, which must never block."""

    # Seconds to start a request on a new connection, to send its head, and then to send its body.
    head_seconds = 15.0
    body_seconds = 30.0
    # Seconds to read a response, plus one for each `slowest_reader` bytes that are waiting.
    send_seconds = 30.0
    slowest_reader = 4096
    # Seconds to close the client's side of the connection after everything is sent.
    close_seconds = 3.0

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl or cfg.proxy_protocol != "off" or cfg.protocol != "http":
            raise RuntimeError(
                "Caledee's web server only supports plain HTTP. Use a proxy for TLS and other protocols."
            )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[Connection] = set()
        # Requests that can change something get half of the threads, because they can wait for database locks.
        self.changing, self.most_changing = 0, max(1, self.cfg.threads // 2)
        self.changes: deque[Connection] = deque()
        self.next_look = 0.0

    def init_process(self) -> None:
        # Health checks respond even if all other requests are waiting.
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
        """Drop the connection that has waited longest, so many slow clients can't keep others out."""
        waiting = [each for each in self.connections if each.phase is not Phase.ANSWERING]
        if waiting:
            self.drop(min(waiting, key=lambda each: each.since), reset=True)

    def act(self, connection: Connection, action: Action, _file: object = None) -> None:
        """Run an action, unless the connection was dropped since. An error of one connection never ends the loop."""
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
        data = connection.receive()
        if data:
            self.take(connection, data)
        elif data is not None:
            self.drop(connection)

    def take(self, connection: Connection, data: bytes) -> None:
        if connection.phase is Phase.IDLE:
            self.keepalived_conns.remove(connection)
            self.enter(connection, Phase.HEAD, self.head_seconds)
        had_head = connection.phase is Phase.BODY
        try:
            complete = connection.feed(data)
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
        data = connection.receive()
        connection.discarded += len(data or b"")
        if data == b"" or connection.discarded > LONGEST_BODY:
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
        """End the connections whose time is up, in any phase. `force` ends all idle ones."""
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
        """Handle a request, and return whether the connection can be used for another one."""
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
