"""Manage processes of the operating system. Linux and macOS, without Django."""

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Pause = Callable[[float], None]


class InUse(Exception):
    """Another process holds the lock."""


class Interrupted(Exception):
    """A signal requested a stop."""


class FileLock:
    """An advisory lock on a file. The kernel releases it when its holder dies, even by kill -9."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self.descriptor = os.open(path, flags, 0o600)

    def take(self, *, shared: bool = False) -> None:
        """Take the lock, or convert one already held. Raises InUse at once if it is not available."""
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None

    def wait_for(self, *, shared: bool = False, timeout: float, pause: Pause = time.sleep) -> None:
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.take(shared=shared)
            except InUse:
                if time.monotonic() > deadline:
                    raise
            pause(0.05)

    def release(self) -> None:
        """Release the lock permanently."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def identity(pid: int) -> str:
    """Return what distinguishes this process from a later one with its number, or an empty text if it has ended."""
    if sys.platform != "linux":
        return _ps(pid, "lstart=,command=")
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it can contain anything
    state, start_time = fields[0], fields[19]
    return "" if state in {"Z", "X"} else f"{boot} {start_time}"


def command_line(pid: int) -> str:
    """Return the command line of a process, joined by spaces, or an empty text if it has ended."""
    if sys.platform != "linux":
        return _ps(pid, "command=")
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def process_name(pid: int) -> str:
    if sys.platform != "linux":
        return Path(_ps(pid, "comm=")).name
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that makes the kernel send the child this signal when the parent ends, even if killed.

    Linux only: elsewhere, the next start cleans up after a killed one. Start the child from the main thread, because
    the kernel watches the thread, not the process.
    """
    if LIBC is None:
        return None
    libc, parent = LIBC, os.getpid()

    def preexec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # the parent has already died
            os._exit(1)

    return preexec


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send the signal to a process that leads its own group, and to the whole group."""
    with suppress(ProcessLookupError, PermissionError):  # macOS raises the latter for zombies
        os.killpg(pid, number)


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether the process has ended, without reaping it: its number and its group's must not be reused yet."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _ps(pid: int, columns: str) -> str:
    answer = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", columns, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


class Signals:
    """Remember that one of these signals arrived, without interrupting anything halfway."""

    def __init__(self, *numbers: signal.Signals) -> None:
        self.reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def pause(self, seconds: float) -> None:
        """Sleep. Raises Interrupted as soon as a signal has arrived, and on every later call."""
        if select.select([self.reader], [], [], seconds)[0]:
            raise Interrupted
