"""The embedded PostgreSQL of `manage.py demo` and the tests. No Django.

Each folder has one server. Simultaneous starts share it, the last one to stop ends it, and the next start adopts the
server of a killed starter.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT
from urllib.parse import quote

import psycopg
from psycopg import sql

from caledee.ops.cluster import ROLE, Cluster, Command, EmbeddedError
from caledee.ops.processes import FileLock, InUse, Pause, command_line, identity

__all__ = ["EmbeddedError", "Server", "start"]

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "shared_buffers": "64MB",
    "io_method": "sync",  # saves three processes
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
QUICK = dict.fromkeys(DURABLE, "off")
LONGEST_START = 60  # seconds
STILL_CHILDREN: "list[subprocess.Popen[bytes]]" = []  # still our children: Python warns about lost ones


def start(
    folder: Path,
    *,
    durable: bool = True,
    die_with_starter: bool = False,
    log: Path | None = None,
    pause: Pause = time.sleep,
) -> "Server":
    """Return the server of this folder once it responds. The first start creates its data.

    durable: commits survive a power cut. Without it, the server is faster, and damaged data is discarded.
    die_with_starter: on Linux, the server ends when this process does, even if killed. Not for a shared server.
    pause: sleeps while waiting. If it raises, the start is aborted and leaves nothing running.
    Raises EmbeddedError, with the end of the log if that says why.
    """
    server = Server(folder, durable=durable, die_with_starter=die_with_starter, log=log)
    try:
        server.use(pause)
    except BaseException:
        server.stop()
        raise
    return server


class Server:
    """The server of one folder. Creating this object starts nothing: use `start`."""

    name = "PostgreSQL"

    def __init__(
        self, folder: Path, *, durable: bool = True, die_with_starter: bool = False, log: Path | None = None
    ) -> None:
        self.cluster = Cluster(folder)
        self._durable = durable
        self._dies_by = SIGINT if die_with_starter else None
        self._process: subprocess.Popen[bytes] | None = None
        self._starters = FileLock(folder / "starters.lock")  # each starter holds a shared lock
        self.folder = folder
        self.log = log or folder / "server.log"

    def url(self, database: str) -> str:
        """Return the URL for DATABASE_URL and libpq."""
        return f"postgresql://{ROLE}@/{quote(database)}?host={quote(str(self.cluster.socket_folder), safe='')}"

    def create_database(self, name: str) -> None:
        """Create the database unless it exists."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @property
    def pid(self) -> int | None:
        """Return the id of the running server's process, regardless of who started it."""
        if self._process and self._process.poll() is None:
            return self._process.pid
        pid = self._recorded_pid()
        return pid if pid and f"/postgres -D {self.cluster.data} " in command_line(pid) else None

    def is_running(self) -> bool:
        return self.pid is not None

    def use(self, pause: Pause) -> None:
        """Take a share of the server, start it if it is not running, and wait until it responds."""
        with _locked(self.folder, LONGEST_START, pause):
            self._starters.wait_for(shared=True, timeout=LONGEST_START, pause=pause)
            self.cluster.prepare()
            try:
                self._bring_up(pause)
            except EmbeddedError:
                if self._durable:
                    raise
                shutil.rmtree(self.cluster.data, ignore_errors=True)
                self._bring_up(pause)

    def start(self) -> None:
        """Start the process without waiting for it to respond."""
        self._forget_killed()
        rules = {"hba_file": str(self.cluster.access_rules), "ident_file": str(self.cluster.names)}
        settings = SETTINGS | (DURABLE if self._durable else QUICK) | rules
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command: Command = [
            self.cluster.programs / "postgres", "-D", self.cluster.data, "-k", self.cluster.socket_folder, *options
        ]  # fmt: skip
        with self.log.open("ab") as output:
            self._process = self.cluster.account.popen(command, output, self._dies_by)

    def stop(self, timeout: float = 4) -> None:
        """Release the share. The last one ends the server within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with suppress(InUse), _locked(self.folder, timeout, time.sleep):
            self._starters.take()
            self._end(deadline)
        self._starters.release()
        if self._process and self._process.poll() is None:
            STILL_CHILDREN.append(self._process)
        STILL_CHILDREN[:] = [process for process in STILL_CHILDREN if process.poll() is None]

    def _bring_up(self, pause: Pause) -> None:
        if not self.cluster.data.exists():
            self.cluster.make_data(pause, durable=self._durable)
        seen = self.log.stat().st_size if self.log.exists() else 0
        deadline = time.monotonic() + LONGEST_START
        started = False
        while not self._answers():
            if not self.is_running():
                # After a kill, the last processes hold their memory for a moment: keep trying.
                if started and "still in use" not in self._log_since(seen):
                    raise EmbeddedError(f"PostgreSQL did not start:\n{self._log_since(seen)}")
                self.start()
                started = True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL does not respond:\n{self._log_since(seen)}")
            pause(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _log_since(self, seen: int) -> str:
        with self.log.open("rb") as file:
            file.seek(max(seen, self.log.stat().st_size - 2000))
            return file.read().decode(errors="replace").strip()

    def _end(self, deadline: float) -> None:
        """Shut down, by force if necessary. Committed data is safe in either case."""
        for number, share in ((SIGINT, 0.7), (SIGQUIT, 0.7), (SIGKILL, 1)):
            until = time.monotonic() + share * max(deadline - time.monotonic(), 0.3)
            if pid := self.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            while self.is_running() and time.monotonic() < until:
                time.sleep(0.02)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.cluster.data / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None

    def _forget_killed(self) -> None:
        """Remove the pid file of a killed server: PostgreSQL would not if another process has its number now."""
        pid = self._recorded_pid()
        if pid and identity(pid):
            (self.cluster.data / "postmaster.pid").unlink(missing_ok=True)
        for file in self.cluster.socket_folder.glob(".s.PGSQL.*"):
            file.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path, timeout: float, pause: Pause) -> Iterator[None]:
    """Allow one start or stop at a time. Raises InUse after the timeout."""
    lock = FileLock(folder / "start.lock")
    try:
        lock.wait_for(timeout=timeout, pause=pause)
        yield
    finally:
        lock.release()
