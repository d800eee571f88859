"""Keep the processes of the demo running, and stop them all. Doesn't import Django."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Protocol

from caledee.ops.processes import die_with_parent, has_ended, identity, signal_group

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 8.0  # seconds before a restart, doubled each time
STEADY_AFTER = 30.0  # seconds of running that reset the pause


class Part(Protocol):
    """Something that can be kept running."""

    name: str
    log: Path

    def start(self) -> None: ...
    def is_running(self) -> bool: ...


@dataclass
class Service:
    """A process that leads its own process group, so Ctrl-C doesn't reach it and all of it can be stopped at once.

    Its PID is stored in `record`. The next start uses it to find what a killed demo left running.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    record: Path
    pass_fds: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.kill()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.pass_fds,
                preexec_fn=die_with_parent(SIGTERM),
            )
        _write_record(self.record, self.process.pid)

    def is_running(self) -> bool:
        return self.process is not None and not has_ended(self.process)

    def ask_to_stop(self) -> None:
        if self.process:
            signal_group(self.process.pid, SIGTERM)

    def kill(self) -> int | None:
        """Kill the whole group, including what an ended leader left behind, and return the leader's exit code."""
        if not self.process:
            return None
        signal_group(self.process.pid, SIGKILL)
        exit_code = self.process.wait()
        self.process = None
        self.record.unlink(missing_ok=True)
        return exit_code


def stop_all(services: Iterable[Service], timeout: float) -> None:
    services = list(services)
    for service in services:
        service.ask_to_stop()
    deadline = time.monotonic() + timeout
    while any(service.is_running() for service in services) and time.monotonic() < deadline:
        time.sleep(0.02)
    for service in services:
        service.kill()


@dataclass
class Keeper:
    """Restarts a part that stopped, after a pause that grows while it keeps stopping."""

    part: Part
    tell: Callable[[str], None]
    pause: float = SHORTEST_PAUSE
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None

    def look(self, now: float) -> None:
        if self.restart_at is not None:
            if now >= self.restart_at:
                self.restart_at, self.started_at = None, now
                self.part.start()
        elif not self.part.is_running():
            steady = now - self.started_at > STEADY_AFTER
            self.pause = SHORTEST_PAUSE if steady else min(self.pause * 2, LONGEST_PAUSE)
            self.restart_at = now + self.pause
            self.tell(f"{self.part.name} stopped and will be restarted. Its log: {self.part.log}")


def end_leftovers(folder: Path, pause: Callable[[float], None], timeout: float = 8) -> bool:
    """Stop the services that a killed demo left running, and return whether it left any records."""
    leftovers = {record: _read_record(record) for record in folder.glob("*.json")}
    for pid, recorded in leftovers.values():
        if _is_still(pid, recorded):
            signal_group(pid, SIGTERM)
    deadline = time.monotonic() + timeout
    while alive := [pid for pid, recorded in leftovers.values() if _is_still(pid, recorded)]:
        if time.monotonic() > deadline:
            for pid in alive:
                signal_group(pid, SIGKILL)
        pause(0.05)
    for record in leftovers:
        record.unlink(missing_ok=True)
    return bool(leftovers)


def last_lines(log: Path, size: int = 2000) -> str:
    with log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - size))
        return file.read().decode(errors="replace").strip()


def _write_record(record: Path, pid: int) -> None:
    new = record.with_suffix(".new")
    new.write_text(json.dumps({"pid": pid, "identity": identity(pid)}))
    new.replace(record)


def _read_record(record: Path) -> tuple[int, str]:
    """Return the PID and identity, or 0 if the record is broken, for example after a power failure."""
    try:
        content = json.loads(record.read_text())
        return int(content["pid"]), str(content["identity"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""


def _is_still(pid: int, recorded: str) -> bool:
    """Return whether this is the recorded process, and not a later one with the same PID."""
    return recorded != "" and identity(pid) == recorded
