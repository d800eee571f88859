"""Requests through the guarded way out, with their redirects."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from caledee.outgoing.addresses import Address, Login, Origin, parse_address
from caledee.outgoing.answers import Answer, read_body, read_headers
from caledee.outgoing.errors import (
    AddressMalformed,
    AnswerBroken,
    RedirectRefused,
    RequestFailed,
    TooManyRedirects,
)
from caledee.outgoing.logins import NoLogin, PasswordLogin, challenge_of
from caledee.outgoing.network import Deadline, GuardedBackend, Limits, Network

MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
SEE_OTHER = 303
# httpcore2 accepts 100 kB, but any number of 1xx answers before. Chunks arrive with their lengths.
MOST_HEADER_BYTES = 256 * 1024
# For the host that the caller named, and no other.
SECRET_HEADERS = {"authorization", "cookie"}
OUR_HEADERS = {"user-agent": "Caledee", "accept": "*/*", "accept-encoding": "identity"}

# Decides about a redirect to another origin. Its arguments are the addresses that led there, and lead on.
MayRedirect = Callable[[str, str], bool]


def nowhere_else(_from: str, _to: str) -> bool:
    return False


def anywhere(_from: str, _to: str) -> bool:
    return True


def request(
    method: str,
    url: str,
    *,
    max_bytes: int,
    deadline: timedelta | Deadline,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    auth: Login | None = None,
    allow_redirect_to: MayRedirect = nowhere_else,
    network: Network | None = None,
) -> Answer:
    """Send one request, as `Session.request` does."""
    with Session(network) as session:
        return session.request(
            method,
            url,
            max_bytes=max_bytes,
            deadline=deadline,
            headers=headers,
            body=body,
            auth=auth,
            allow_redirect_to=allow_redirect_to,
        )


class Session:
    """Keeps connections open for several requests to the same host. Each thread needs its own.

    Nothing else is kept: no cookies, no proxies, nothing from the environment.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._limits = Limits()
        self._logins: dict[tuple[Origin, Login], PasswordLogin] = {}
        self._pools = {scheme: self._make_pool(scheme) for scheme in ("http", "https")}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        max_bytes: int,
        deadline: timedelta | Deadline,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        auth: Login | None = None,
        allow_redirect_to: MayRedirect = nowhere_else,
    ) -> Answer:
        """Return the answer, whatever its status is. Everything, redirects too, ends by the deadline.

        `auth` takes precedence over a login in the URL. It is sent only to the origin of `url`, as are `Authorization`
        headers: with https at once, with http only by Digest or after the server asked for Basic. Redirects stay at
        that origin unless `allow_redirect_to` allows another one, given both URLs; they keep method and body, except
        for 303. The body, decompressed, is at most `max_bytes` long. Raises a subclass of RequestFailed.
        """
        self._limits.deadline = deadline if isinstance(deadline, Deadline) else Deadline(deadline)
        first = address = parse_address(url)
        sent = OUR_HEADERS | {name.lower(): value for name, value in (headers or {}).items()}
        for _ in range(MOST_REDIRECTS + 1):
            at_home = address.origin == first.origin
            login = (auth or first.login) if at_home else None
            answer = self._send(method, address, sent if at_home else _public(sent), body, login, max_bytes)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            address = _follow(address, answer.headers["location"], first.origin, allow_redirect_to)
            if answer.status == SEE_OTHER:
                method, body = "GET", None
        raise TooManyRedirects(address.origin.host)

    def _send(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        body: bytes | None,
        login: Login | None,
        max_bytes: int,
    ) -> Answer:
        """Send a request, and again if the server asks for another kind of login."""
        raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        request = httpx2.Request(method, address.url, headers=raw, content=body)
        with _reported(address.origin.host):
            flow = self._login_flow(address.origin, login).auth_flow(request)
            with closing(flow):
                asked = next(flow)
                while True:
                    answer = self._exchange(asked, address, max_bytes)
                    try:
                        asked = flow.send(challenge_of(answer))
                    except StopIteration:
                        return answer

    def _login_flow(self, origin: Origin, login: Login | None) -> httpx2.Auth:
        if login is None:
            return NoLogin()
        return self._logins.setdefault((origin, login), PasswordLogin(login, at_once=origin.scheme == "https"))

    def _exchange(self, request: httpx2.Request, address: Address, max_bytes: int) -> Answer:
        host = address.origin.host
        self._limits.seconds_left(host)
        self._limits.exchange += 1
        self._limits.allow_bytes(MOST_HEADER_BYTES)
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        outgoing = httpcore2.Request(request.method, url, headers=request.headers.raw, content=request.content)
        response = self._pools[address.origin.scheme].handle_request(outgoing)
        with closing(response):
            self._limits.allow_bytes(MOST_HEADER_BYTES + 2 * max_bytes)
            headers = read_headers(response.headers)
            if response.status < 200:
                raise AnswerBroken(host)
            body = read_body(response.iter_stream(), headers, max_bytes=max_bytes, host=host)
            return Answer(response.status, headers, body, str(address.url))

    def _make_pool(self, scheme: str) -> httpcore2.ConnectionPool:
        return httpcore2.ConnectionPool(
            ssl_context=self._network.tls() if scheme == "https" else None,
            max_keepalive_connections=2,
            network_backend=GuardedBackend(self._network, scheme, self._limits),
        )


def _public(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}


def _follow(address: Address, location: str, home: Origin, allow: MayRedirect) -> Address:
    """Return where a redirect leads. A login in it is dropped: it is the server's, not the person's."""
    host = address.origin.host
    try:
        target = parse_address(str(address.url.join(location)))
    except (AddressMalformed, httpx2.InvalidURL, ValueError):
        raise AnswerBroken(host, "redirects to something that isn't an address") from None
    if target.origin != home and not allow(str(address.url), str(target.url)):
        raise RedirectRefused(host)
    return target


@contextmanager
def _reported(host: str) -> Iterator[None]:
    """Report the errors of the libraries as ours. Their own messages and attributes contain URLs."""
    try:
        yield
    except RequestFailed:
        raise
    except (httpcore2.ProtocolError, httpcore2.NetworkError, httpx2.HTTPError, NotImplementedError, ValueError):
        raise AnswerBroken(host) from None
