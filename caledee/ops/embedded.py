"""The embedded PostgreSQL that `manage.py demo` and the tests stand on. No Django in it.

One folder, one server: two starts at once share it, the last to stop ends it, and one that a killed starter left
running is adopted by the next.
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
    "io_method": "sync",  # three processes fewer
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
QUICK = dict.fromkeys(DURABLE, "off")
LONGEST_START = 60  # seconds
LEFT_TO_OTHERS: "list[subprocess.Popen[bytes]]" = []  # our children still: Python complains when it loses one


def start(
    folder: Path,
    *,
    durable: bool = True,
    die_with_starter: bool = False,
    log: Path | None = None,
    pause: Pause = time.sleep,
) -> "Server":
    """The server of this folder, answering. Its data are made at the first start.

    durable: a commit outlives a power cut. Without, it is quicker, and data found broken are thrown away.
    die_with_starter: on Linux the server ends when this process does, however it does; not for one that is shared.
    pause: what waits meanwhile; it may raise, which ends the start and leaves nothing running.
    Raises EmbeddedError, with the end of the log where that says why.
    """
    server = Server(folder, durable=durable, die_with_starter=die_with_starter, log=log)
    try:
        server.use(pause)
    except BaseException:
        server.stop()
        raise
    return server


class Server:
    """One folder's server. Making this object starts nothing: `start` does."""

    name = "PostgreSQL"

    def __init__(
        self, folder: Path, *, durable: bool = True, die_with_starter: bool = False, log: Path | None = None
    ) -> None:
        self.cluster = Cluster(folder)
        self._durable = durable
        self._dies_by = SIGINT if die_with_starter else None
        self._process: subprocess.Popen[bytes] | None = None
        self._starters = FileLock(folder / "starters.lock")  # each holds a share of it
        self.folder = folder
        self.log = log or folder / "server.log"

    def url(self, database: str) -> str:
        """For DATABASE_URL, and for libpq as it is."""
        return f"postgresql://{ROLE}@/{quote(database)}?host={quote(str(self.cluster.socket_folder), safe='')}"

    def create_database(self, name: str) -> None:
        """Unless it exists."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @property
    def pid(self) -> int | None:
        """Of the running server, whoever started it."""
        if self._process and self._process.poll() is None:
            return self._process.pid
        pid = self._recorded_pid()
        return pid if pid and f"/postgres -D {self.cluster.data} " in command_line(pid) else None

    def is_running(self) -> bool:
        return self.pid is not None

    def use(self, pause: Pause) -> None:
        """Takes a share of the server, which is made or started where there is none, and waits until it answers."""
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
        """Starts the process, and returns before it answers."""
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
        """Gives up the share; the last one ends the server, within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with suppress(InUse), _locked(self.folder, timeout, time.sleep):
            self._starters.take()
            self._end(deadline)
        self._starters.release()
        if self._process and self._process.poll() is None:
            LEFT_TO_OTHERS.append(self._process)
        LEFT_TO_OTHERS[:] = [process for process in LEFT_TO_OTHERS if process.poll() is None]

    def _bring_up(self, pause: Pause) -> None:
        if not self.cluster.data.exists():
            self.cluster.make_data(pause, durable=self._durable)
        seen = self.log.stat().st_size if self.log.exists() else 0
        deadline = time.monotonic() + LONGEST_START
        started = False
        while not self._answers():
            if not self.is_running():
                # The last processes of one that was killed hold its memory for a moment: that is no reason to give up.
                if started and "still in use" not in self._log_since(seen):
                    raise EmbeddedError(f"PostgreSQL did not start:\n{self._log_since(seen)}")
                self.start()
                started = True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL does not answer:\n{self._log_since(seen)}")
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
        """Politely first. Whatever it takes, nothing that was committed is lost."""
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
        """PostgreSQL clears up after a killed one itself, unless another process has got its number since."""
        pid = self._recorded_pid()
        if pid and identity(pid):
            (self.cluster.data / "postmaster.pid").unlink(missing_ok=True)
        for file in self.cluster.socket_folder.glob(".s.PGSQL.*"):
            file.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path, timeout: float, pause: Pause) -> Iterator[None]:
    """One start or stop at a time. Raises InUse after the timeout."""
    lock = FileLock(folder / "start.lock")
    try:
        lock.wait_for(timeout=timeout, pause=pause)
        yield
    finally:
        lock.release()
