"""`manage.py demo` as a process of its own, for the tests that need the real thing. Every wait has a deadline."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from caledee.ops import embedded
from caledee.ops.cluster import Cluster
from caledee.ops.processes import identity

CHECKOUT = Path(__file__).resolve().parents[2]
READY = re.compile(rb"^Caledee is ready at (http://127\.0\.0\.1:\d+)/$", re.M)


def wait_until(condition: Callable[[], object], seconds: float = 30, *, what: str = "") -> None:
    """Check often at first. Later checks, which cost what is waited for CPU time, delay the end by a tenth at most."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"not within {seconds} s: {what or condition}"
        time.sleep(min(0.02 + waited / 10, 0.25))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DemoProcess:
    """Starts at once and writes its output to a file. Leaving the context kills it if it still runs."""

    def __init__(self, folder: Path, port: int | None = None, *, user: str | None = None, **variables: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = tempfile.TemporaryFile()  # noqa: SIM115
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BASE_URL"}}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(self.port), "--data-dir", str(folder)],
            cwd=CHECKOUT,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            user=user,
            group=user and "nogroup",
            extra_groups=user and [],
            # As a terminal starts it, though the tests themselves may run under nohup.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )

    def __enter__(self) -> "DemoProcess":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()

    @property
    def said(self) -> str:
        return os.pread(self.output.fileno(), 100_000, 0).decode()

    def wait_until_ready(self, seconds: float = 120) -> None:
        wait_until(lambda: READY.search(self.said.encode()) or self.process.poll() is not None, seconds, what="ready")
        assert READY.findall(self.said.encode()) == [self.url.encode()], self.said

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Return the exit code. Stopping takes at most five seconds, except on an overloaded machine."""
        self.process.send_signal(number)
        return self.process.wait(15)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            return (response.status, response.read()) == (200, b"ok")
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def database_url(self) -> str:
        return embedded.Server(self.folder / "postgresql").url("caledee")

    def family(self) -> dict[int, str]:
        """Return the demo and every process below it, with what tells each from a later one with the same PID."""
        return {pid: identity(pid) for pid in [self.process.pid, *descendants(self.process.pid)]}


def descendants(pid: int) -> list[int]:
    children = [child for child, parent in parents().items() if parent == pid]
    return children + [below for child in children for below in descendants(child)]


def parents() -> dict[int, int]:
    """Return the parent of every process on this machine."""
    if not Path("/proc/self/stat").exists():
        listing = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # gone meanwhile
            found[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
    return found


def remove_server(folder: Path) -> None:
    """Remove the server with its data, which may be in a folder of the system."""
    home = Cluster(folder).home
    shutil.rmtree(folder)
    shutil.rmtree(home, ignore_errors=True)


def alive(family: dict[int, str]) -> list[int]:
    return [pid for pid, known in family.items() if known and identity(pid) == known]
