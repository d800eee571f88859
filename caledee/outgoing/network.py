"""The way out: looks up a name once, refuses what must not be reached, and connects to the address it checked."""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpcore2
from django.conf import settings

from caledee.outgoing.addresses import Address, IPNetwork, Origin, check_networks, literal_addresses
from caledee.outgoing.errors import AnswerTooLarge, CertificateRefused, EncryptionMissing, TooSlow, Unreachable

MOST_ADDRESSES = 6


class Deadline:
    """A moment by which everything must be over. Several requests can share one."""

    def __init__(self, patience: timedelta) -> None:
        self._end = time.monotonic() + patience.total_seconds()

    def remaining(self) -> float:
        """Return the seconds left, 0 or less if it has passed."""
        return self._end - time.monotonic()


class Limits:
    """What the current request of a session may still use: time, and bytes that arrive.

    `exchange` counts the session's requests.
    """

    def __init__(self) -> None:
        self.deadline = Deadline(timedelta())
        self.exchange = 0
        self._bytes_left = 0

    def seconds_left(self, host: str) -> float:
        """Return the seconds left, more than 0. Raises TooSlow if there are none."""
        seconds = self.deadline.remaining()
        if seconds <= 0:
            raise TooSlow(host)
        return seconds

    def allow_bytes(self, number: int) -> None:
        self._bytes_left = number

    def take_bytes(self, number: int, host: str) -> None:
        self._bytes_left -= number
        if self._bytes_left < 0:
            raise AnswerTooLarge(host)


def look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order in which the system prefers them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def connect(address: str, port: int, timeout: float) -> socket.socket:
    return socket.create_connection((address, port), timeout)


@cache
def default_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class Network:
    """What connects to the world. Tests replace its parts."""

    look_up: Callable[[str, int], Sequence[str]] = look_up
    connect: Callable[[str, int, float], socket.socket] = connect
    tls: Callable[[], ssl.SSLContext] = default_tls

    def allowed(self) -> Sequence[IPNetwork]:
        networks: Sequence[IPNetwork] = settings.CALENDAR_ALLOWED_NETWORKS
        return networks


def check_without_look_up(address: Address, network: Network | None = None) -> None:
    """Refuse what can be refused at once. Names are judged when a request looks them up.

    Raises NetworkRefused or EncryptionMissing.
    """
    allowed, origin = (network or Network()).allowed(), address.origin
    check_networks(origin, literal_addresses(origin.host), allowed)
    if origin.scheme != "https" and not allowed:
        raise EncryptionMissing(origin.host)


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens the connections of a session to hosts of one scheme."""

    def __init__(self, network: Network, scheme: str, limits: Limits) -> None:
        self._network = network
        self._scheme = scheme
        self._limits = limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        found = self._look_up(host, port)
        check_networks(Origin(self._scheme, host, port), found, self._network.allowed())
        return GuardedStream(self._connect(host, port, found), host, self._limits)

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """Look up a name in a thread that is left behind after the deadline: the system's resolver has no timeout."""
        found: list[Sequence[str]] = []

        def answer() -> None:
            try:
                found.append(self._network.look_up(host, port))
            except (OSError, UnicodeError):
                found.append([])

        thread = threading.Thread(target=answer, name="look-up", daemon=True)
        thread.start()
        thread.join(max(0, self._limits.deadline.remaining()))
        if not found:
            raise TooSlow(host)
        if not found[0]:
            raise Unreachable(host, "no such host")
        return found[0]

    def _connect(self, host: str, port: int, found: Sequence[str]) -> socket.socket:
        """Connect to the first address that answers. Each one gets its share of the time that is left."""
        tried = found[:MOST_ADDRESSES]
        for number, address in enumerate(tried):
            seconds = self._limits.seconds_left(host) / (len(tried) - number)
            try:
                connection = self._network.connect(address, port, seconds)
            except OSError:
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        self._limits.seconds_left(host)
        raise Unreachable(host)


class GuardedStream(httpcore2.NetworkStream):
    """A connection on which every step keeps to the limits of the current request, whatever the other side does."""

    def __init__(self, connection: socket.socket, host: str, limits: Limits) -> None:
        self._connection = connection
        self._host = host
        self._limits = limits
        # The last request for which it was new, or has received something.
        self._alive_in = limits.exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._wait_no_longer()
        try:
            data = self._connection.recv(max_bytes)
        except TimeoutError:
            raise TooSlow(self._host) from None
        except OSError:
            self._leave_if_kept()
            raise Unreachable(self._host, "the connection broke") from None
        if not data:
            self._leave_if_kept()
        self._alive_in = self._limits.exchange
        self._limits.take_bytes(len(data), self._host)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            self._wait_no_longer()
            try:
                view = view[self._connection.send(view) :]
            except TimeoutError:
                raise TooSlow(self._host) from None
            except OSError:
                # The server may have answered already, for example that the body is too large. httpcore2 then reads.
                raise httpcore2.WriteError from None

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        self._wait_no_longer()
        try:
            secured = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except TimeoutError:
            raise TooSlow(self._host) from None
        except ssl.SSLCertVerificationError:
            raise CertificateRefused(self._host) from None
        except OSError:
            raise Unreachable(self._host, "no encrypted connection") from None
        return GuardedStream(secured, self._host, self._limits)

    def close(self) -> None:
        self._connection.close()

    def get_extra_info(self, info: str) -> Any:
        return self._has_ended() if info == "is_readable" else None

    def _has_ended(self) -> bool:
        """Return whether something can be read although nothing was asked, so the other side has closed."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        return bool(poll.poll(0))

    def _leave_if_kept(self) -> None:
        """Have the request sent again on a new connection, if the server closed a kept one as it was being sent."""
        if self._alive_in != self._limits.exchange:
            raise httpcore2.ConnectionNotAvailable

    def _wait_no_longer(self) -> None:
        self._connection.settimeout(self._limits.seconds_left(self._host))
