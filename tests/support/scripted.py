"""A server on 127.0.0.1 that answers with exactly the bytes that a test gives it."""

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Sends whatever it wants. The event is set when the server stops.
Writing = Callable[[socket.socket, threading.Event], None]
Reply = bytes | Writing


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """`requests` are those that arrived, `connections` how many connections they came in."""

    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


def reply(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """A complete answer. Names of headers are given with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True)
class Script:
    replies: tuple[Reply, ...]
    tls: ssl.SSLContext | None
    greeting: bytes
    stopping: threading.Event


@contextmanager
def serving(*replies: Reply, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> Iterator[Server]:
    """Answer each request with the next reply, and all further ones with the last. Send `greeting` unasked."""
    script = Script(replies, tls, greeting, threading.Event())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1], "https" if tls else "http")
        thread = threading.Thread(target=_accept, args=(listener, server, script))
        thread.start()
        try:
            yield server
        finally:
            script.stopping.set()
            thread.join()


def _accept(listener: socket.socket, server: Server, script: Script) -> None:
    threads = []
    while not script.stopping.is_set():
        if not select.select([listener], [], [], 0.02)[0]:
            continue
        connection, _ = listener.accept()
        server.connections += 1
        threads.append(threading.Thread(target=_talk, args=(connection, server, script)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _talk(connection: socket.socket, server: Server, script: Script) -> None:
    with contextlib.suppress(OSError, EOFError), contextlib.closing(connection):
        connection.settimeout(5)
        connection.sendall(script.greeting)
        if script.tls:
            connection = script.tls.wrap_socket(connection, server_side=True)
        with contextlib.closing(connection):
            while _answer(connection, server, script):
                pass


def _answer(connection: socket.socket, server: Server, script: Script) -> bool:
    """Answer one request. Returns whether the connection stays open."""
    request = _read_request(connection, script.stopping)
    answer = script.replies[min(len(server.requests), len(script.replies) - 1)]
    server.requests.append(request)
    connection.settimeout(5)
    if callable(answer):
        answer(connection, script.stopping)
        return False
    connection.sendall(answer)
    return True


def _read_request(connection: socket.socket, stopping: threading.Event) -> Request:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(connection, stopping)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _receive(connection, stopping)
    return Request(method, target, headers, body)


def _receive(connection: socket.socket, stopping: threading.Event) -> bytes:
    connection.settimeout(0.05)
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            if data := connection.recv(65536):
                return data
            break
    raise EOFError


def repeating(head: bytes, piece: bytes, *, seconds: float = 0) -> Writing:
    """Send `head`, and then `piece` again and again until the other side leaves."""

    def write(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(head)
        while not stopping.wait(seconds) if seconds else not stopping.is_set():
            connection.sendall(piece)

    return write


def silent(_connection: socket.socket, stopping: threading.Event) -> None:
    """Answer nothing, and keep the connection open."""
    stopping.wait()


def ending(*data: bytes) -> Writing:
    """Send this and close the connection."""

    def write(connection: socket.socket, _stopping: threading.Event) -> None:
        for piece in data:
            connection.sendall(piece)

    return write
