"""A client's connection, for the loop of the web server. Never blocks, and doesn't import Django."""

import socket
import struct
from collections.abc import Iterable
from enum import Enum, auto
from http import HTTPStatus
from io import BytesIO
from tempfile import SpooledTemporaryFile

from gunicorn.asgi.parser import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseError,
    PythonProtocol,
    UnsupportedTransferCoding,
)
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.message import Request

PIECE = 64 * 1024
# Django accepts bodies up to 256 kB (DATA_UPLOAD_MAX_MEMORY_SIZE). Of a longer one, enough is kept for Django to
# reject it. The rest is read and discarded, because otherwise the client might not receive the response.
KEPT_OF_BODY = 320 * 1024
LONGEST_BODY = 32 * 1024 * 1024
LONGEST_HEAD = 32 * 1024
# The part of a response that the client hasn't read yet is in memory up to this size, then in a temporary file.
KEPT_IN_MEMORY = 256 * 1024

STATUSES: dict[type[ParseError], HTTPStatus] = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
SAFE_METHODS = {b"GET", b"HEAD", b"OPTIONS", b"TRACE"}


class Phase(Enum):
    IDLE = auto()  # nothing received yet
    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()  # in a thread, or waiting for one
    SENDING = auto()
    CLOSING = auto()  # everything is sent; input is discarded, because closing early could lose the response


class Refused(Exception):
    """The server rejects this request itself, without Django."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Outgoing:
    """Looks like a socket to gunicorn. Keeps what the client doesn't read immediately."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.waiting = 0  # bytes
        self._kept: SpooledTemporaryFile[bytes] | None = None
        self._sent = 0

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        if self.flush():
            view = view[self._send(view) :]
        if view:
            self._keep(view)

    def flush(self) -> bool:
        """Send a piece of what is kept, and return whether nothing is left."""
        if self._kept is None:
            return True
        self._kept.seek(self._sent)
        count = self._send(self._kept.read(PIECE))
        self._sent += count
        self.waiting -= count
        if not self.waiting:
            self.discard()
        return not self.waiting

    def discard(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept, self._sent, self.waiting = None, 0, 0

    def _keep(self, data: memoryview) -> None:
        if self._kept is None:
            self._kept = SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 (closed by `discard`)
        self._kept.seek(0, 2)
        self._kept.write(data)
        self.waiting += len(data)

    def _send(self, data: bytes | memoryview) -> int:
        try:
            return self.raw.send(data)
        except BlockingIOError:
            return 0

    # Other methods of a socket that gunicorn calls

    def send(self, data: bytes) -> int:
        """Ignore "100 Continue", which the loop already sent after the head."""
        return len(data)

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, _seconds: float) -> None:
        pass

    def setblocking(self, _flag: bool) -> None:
        pass

    def recv(self, _size: int) -> bytes:
        return b""

    def shutdown(self, _how: int) -> None:
        pass

    def close(self) -> None:
        """Do nothing. The loop closes the connection when everything is sent."""


class Connection:
    """`timeout` is when this phase has to end, by `time.monotonic`."""

    def __init__(self, raw: socket.socket, client: object, server: object, cfg: Config) -> None:
        raw.setblocking(False)
        self.raw = raw
        self.sock = Outgoing(raw)
        self.client = client
        self.server = server
        self.cfg = cfg
        self.phase = Phase.IDLE
        self.timeout = 0.0
        self.since = 0.0
        self.stays_open = False
        self.discarded = 0
        self.watched = False
        self.expect_request()

    def expect_request(self) -> None:
        self.head = bytearray()
        self.body = BytesIO()
        self.length = 0
        self.reader = PythonProtocol(
            on_headers_complete=self._read_head,
            on_body=self._take,
            limit_request_line=self.cfg.limit_request_line,
            limit_request_fields=self.cfg.limit_request_fields,
            limit_request_field_size=self.cfg.limit_request_field_size,
        )

    @property
    def changes_something(self) -> bool:
        return self.reader.method not in SAFE_METHODS

    @property
    def path(self) -> str:
        return str(self.reader.path, "latin-1").partition("?")[0]

    def receive(self) -> bytes | None:
        """Return what arrived, empty bytes if the client closed its side, or None if there is nothing yet."""
        try:
            return self.raw.recv(PIECE)
        except BlockingIOError:
            return None

    def feed(self, data: bytes) -> bool:
        """Take a piece of a request, and return whether the request is complete. Raises Refused."""
        if self.phase in {Phase.IDLE, Phase.HEAD}:
            self.head += data
        try:
            self.reader.feed(data)
        except ParseError as error:
            raise Refused(STATUSES.get(type(error), HTTPStatus.BAD_REQUEST)) from error
        if self.phase is Phase.HEAD and len(self.head) > LONGEST_HEAD:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return bool(self.reader.is_complete)

    def request(self) -> Request:
        """Return the complete request. gunicorn's WSGI parser reads the head again and can still reject it."""
        request = next(get_parser(self.cfg, [bytes(self.head)], self.client))
        self.body.seek(0)
        request.body = self.body
        if self.reader.is_chunked:
            framing = {"TRANSFER-ENCODING", "TRAILER"}
            request.headers = [pair for pair in request.headers if pair[0] not in framing]
            request.headers.append(("CONTENT-LENGTH", str(self.length)))
        return request

    def take_rest(self) -> bytes:
        """Return what arrived after the request, which is the start of the next one."""
        rest: bytes = self.reader.remaining()
        self.expect_request()
        return rest

    def hang_up(self) -> None:
        """Announce that nothing more will be sent."""
        self.raw.shutdown(socket.SHUT_WR)

    def close(self, *, reset: bool) -> None:
        """Close the connection. `reset` discards unsent data, which the system would otherwise still send."""
        self.sock.discard()
        if reset:
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.close()

    def _read_head(self) -> bool:
        """Handle the head, and return False: the parser should go on to the body."""
        self.phase = Phase.BODY
        del self.head[self.head.find(b"\r\n\r\n") + 4 :]
        length = self.reader.content_length or 0
        if length > LONGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if (length or self.reader.is_chunked) and _expects_continue(self.reader.headers):
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return False

    def _take(self, data: bytes) -> None:
        self.length += len(data)
        if self.length > LONGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.body.write(data[: max(0, KEPT_OF_BODY - self.body.tell())])


def refusal(status: HTTPStatus) -> bytes:
    """Return a complete response of the server itself. It contains nothing from the request."""
    text = f"{status.value} {status.phrase}. Nothing was changed.\n"
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(text)}",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Cache-Control: no-store",
    ]
    return "\r\n".join([*lines, "", text]).encode()


def _expects_continue(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
