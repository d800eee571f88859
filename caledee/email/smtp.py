"""SMTP with a time limit for the whole conversation.

RFC 5321, section 4.5.3.2, recommends waiting 5 minutes for a greeting and for each reply to MAIL and RCPT, 2 for the
one to DATA, 3 for each block of the email, and 10 for the reply to the final dot. The last limit stays: a client that
hangs up there does not know whether the email was accepted, and a retry can produce a second copy. Hanging up earlier
costs only a retry, while a worker has few threads and all other jobs wait for them. So each step before the dot takes
at most a minute (EMAIL_URL can change it), and all of them together five.

A socket timeout alone is not enough: it restarts with each byte that a slow server sends.
"""

import io
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.core.mail.backends import smtp as django_smtp

from caledee.email.failures import NoAnswer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

BLOCK = 16 * 1024
LONGEST_STEPS, LONGEST_DOT = 5 * 60, 10 * 60
START_OF_EMAIL = 354
LEADING_PERIOD = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits in seconds: one step before the final dot, all of them, the reply to the dot, and QUIT."""

    step: float
    steps: float = LONGEST_STEPS
    dot: float = LONGEST_DOT
    goodbye: float = 5


class TimedReader(io.RawIOBase):
    """Read from a socket until a deadline, regardless of how the bytes are split."""

    def __init__(self, sock: socket, seconds_left: Callable[[], float]) -> None:
        self.sock = sock
        self.seconds_left = seconds_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self.sock.settimeout(self.seconds_left())
        return self.sock.recv_into(buffer)


class TimedMixin(smtplib.SMTP):
    """Require each reply to be complete, and each block sent, before its deadline."""

    def __init__(self, *args: Any, patience: Patience, **options: Any) -> None:
        self.patience = patience
        self.steps_end = monotonic() + patience.steps
        self.answer_due = self.steps_end
        super().__init__(*args, **options | {"timeout": patience.step})

    def seconds_left(self) -> float:
        """Return the seconds left for the current reply. Raises TimeoutError if there are none."""
        left = self.answer_due - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def getreply(self) -> tuple[int, bytes]:
        self.answer_due = min(monotonic() + self.patience.step, self.steps_end)
        return self._listen()

    def send(self, s: "ReadableBuffer | str") -> None:
        content = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        for start in range(0, len(content), BLOCK):
            self._limit_block()
            super().send(content[start : start + BLOCK])

    def data(self, msg: "ReadableBuffer | str") -> tuple[int, bytes]:
        """Send the content like smtplib, but raise NoAnswer if the dot was sent and no reply came."""
        code, answer = self.docmd("data")
        if code != START_OF_EMAIL:
            raise smtplib.SMTPDataError(code, answer)
        self.send(_as_body(msg))
        # From here on, only the server knows whether it accepted the email.
        try:
            super().send(b".\r\n")
            self.answer_due = monotonic() + self.patience.dot
            code, answer = self._listen()
        except (smtplib.SMTPException, OSError) as error:
            raise NoAnswer from error
        if 200 <= code < 300:
            return 250, answer
        if not 400 <= code < 600:
            raise NoAnswer
        return code, answer

    def quit(self) -> tuple[int, bytes]:
        self.steps_end = monotonic() + self.patience.goodbye
        return super().quit()

    def rset(self) -> tuple[int, bytes]:
        """Reset within the time of a goodbye: the refusal before it may have taken minutes."""
        self.steps_end = monotonic() + self.patience.goodbye
        return super().rset()

    def _listen(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(TimedReader(self.sock, self.seconds_left))
        return super().getreply()

    def _limit_block(self) -> None:
        """Limit the time for a block too: a server can read ever more slowly."""
        left = self.steps_end - monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("out of time")
        if self.sock is not None:
            self.sock.settimeout(min(self.patience.step, left))


class TimedSMTP(TimedMixin):
    pass


class TimedSMTPOverTLS(TimedMixin, smtplib.SMTP_SSL):
    pass


class EmailBackend(django_smtp.EmailBackend):
    """Django's backend with time limits. `timeout` applies to one step, `steps_timeout` to all of them."""

    def __init__(
        self,
        *,
        timeout: float,
        steps_timeout: float = LONGEST_STEPS,
        dot_timeout: float = LONGEST_DOT,
        **options: Any,
    ) -> None:
        super().__init__(timeout=timeout, **options)
        self.patience = Patience(timeout, steps_timeout, dot_timeout)

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override] # Django only calls it
        return partial(TimedSMTPOverTLS if self.use_ssl else TimedSMTP, patience=self.patience)


def _as_body(email: "ReadableBuffer | str") -> bytes:
    """Double leading periods (RFC 5321, section 4.5.2) and end the last line."""
    body = LEADING_PERIOD.sub(b"..", email.encode("ascii") if isinstance(email, str) else bytes(email))
    return body if body.endswith(b"\r\n") else body + b"\r\n"
