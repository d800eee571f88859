"""An HTTP server with scripted answers, right or wrong."""

import hashlib
import re
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Message
    body: str


@dataclass(frozen=True)
class Answer:
    """A body in pieces is sent piece by piece, without a length, until it ends or the client leaves."""

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Answer | Callable[[Request], Answer]


class ScriptedServer:
    """`script[method, path]` is what it answers, `requests` what it was asked, `guard` answers before the script."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.script: dict[tuple[str, str], Script] = {}
        self.requests: list[Request] = []
        self.guard: Callable[[Request], Answer | None] = lambda _request: None
        self.ending = threading.Event()
        self.http = HTTPServer((host, 0), handler_of(self))
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.origin = f"{'https' if tls else 'http'}://{host}:{self.http.server_port}"

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        refusal = self.guard(request)
        if refusal:
            return refusal
        script = self.script.get((request.method, request.path), Answer(404, b"Nothing here"))
        return script if isinstance(script, Answer) else script(request)

    def drip(self, piece: bytes = b"x", *, seconds: float = 0.1) -> Iterator[bytes]:
        """Yield a piece at a time, slowly, until the server ends."""
        yield piece
        while not self.ending.wait(seconds):
            yield piece

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.requests]


class HTTPServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that leave early, as they should when an answer never ends."""


def handler_of(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def handle_scripted(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            self.give(server.answer(Request(self.command, self.path, self.headers, body)))

        do_GET = do_PROPFIND = do_REPORT = do_OPTIONS = handle_scripted  # noqa: N815

        def give(self, answer: Answer) -> None:
            is_whole = isinstance(answer.body, bytes)
            headers = {"Content-Length": str(len(answer.body))} if isinstance(answer.body, bytes) else {}
            self.close_connection = True
            self.send_response_only(answer.status)
            for name, value in ({"Connection": "close"} | headers | dict(answer.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            for piece in [answer.body] if is_whole else answer.body:
                self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def scripted_server(host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    server = ScriptedServer(host, tls)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def endless(piece: bytes = b"x" * 65_536) -> Iterator[bytes]:
    return repeat(piece)


def wants_basic(username: str, password: str) -> Callable[[Request], Answer | None]:
    """Ask for Basic authentication with exactly these words."""
    expected = "Basic " + b64encode(f"{username}:{password}".encode()).decode()

    def guard(request: Request) -> Answer | None:
        if request.headers.get("Authorization") == expected:
            return None
        return Answer(401, b"No", {"WWW-Authenticate": 'Basic realm="calendars", charset="UTF-8"'})

    return guard


def wants_digest(username: str, password: str, *, realm: str = "calendars") -> Callable[[Request], Answer | None]:
    """Ask for Digest authentication (RFC 7616, MD5 with qop=auth) as Baikal does, and refuse everything else."""

    def guard(request: Request) -> Answer | None:
        sent = request.headers.get("Authorization", "")
        words = {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', sent)}
        if sent.startswith("Digest ") and words.get("response") == response_to(request, words):
            return None
        challenge = f'Digest realm="{realm}", qop="auth", nonce="5ca1ab1e", opaque="0b5c", algorithm=MD5'
        return Answer(401, b"No", {"WWW-Authenticate": challenge})

    def response_to(request: Request, words: Mapping[str, str]) -> str:
        secret = md5(f"{username}:{realm}:{password}")
        target = md5(f"{request.method}:{request.path}")
        counted = ":".join(words.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        return md5(f"{secret}:{counted}:{target}")

    return guard


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
