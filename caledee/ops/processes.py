"""Processes of the operating system: who is who, and who dies with whom. Linux and macOS; no Django in it."""

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
    """Somebody else holds the lock."""


class Interrupted(Exception):
    """A signal has asked us to stop."""


class FileLock:
    """An advisory lock on a file. The kernel frees it when its holder dies, by kill -9 too."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self.descriptor = os.open(path, flags, 0o600)

    def take(self, *, shared: bool = False) -> None:
        """Raises InUse at once if it cannot be had. A lock held already is converted."""
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
        """Gives the lock up for good."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def identity(pid: int) -> str:
    """What tells this process from a later one with the same number; empty if there is none, or only a zombie."""
    if sys.platform != "linux":
        return _ps(pid, "lstart=,command=")
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    state, start_time = fields[0], fields[19]
    return "" if state in {"Z", "X"} else f"{boot} {start_time}"


def command_line(pid: int) -> str:
    """The words a process was started with, joined by spaces; empty if there is none, or only a zombie."""
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
    """For `preexec_fn`: the kernel sends the child this signal when the parent is gone, however it went.

    Linux only; elsewhere the next start ends what a killed one left. The child must be started by the main thread:
    it is that thread's end which counts.
    """
    if LIBC is None:
        return None
    libc, parent = LIBC, os.getpid()

    def preexec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return preexec


def signal_group(pid: int, number: signal.Signals) -> None:
    """To a process that leads a group of its own, and to all in it."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        os.killpg(pid, number)


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Does not reap it: until somebody waits for it, its number, and its group's, cannot become another's."""
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
    """Remembers that one of these signals came, until somebody looks: nothing is torn up half-way."""

    def __init__(self, *numbers: signal.Signals) -> None:
        self.reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def pause(self, seconds: float) -> None:
        """Raises Interrupted at the first moment that one has come, and ever after."""
        if select.select([self.reader], [], [], seconds)[0]:
            raise Interrupted
