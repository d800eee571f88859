"""Kills the processes of a demo with -9, one kind after the other."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

from caledee.ops.processes import command_line
from tests.support.demo_process import DemoProcess, parents


class Destroyer:
    def __init__(self, demo: DemoProcess, seed: int) -> None:
        self.demo = demo
        self.random = Random(seed)
        self.kills: Counter[str] = Counter()
        self.ways: list[Callable[[], list[int]]] = [
            self.web_worker, self.task_worker, self.database_session, self.web_master, self.database,
        ]  # fmt: skip

    def strike(self, way: Callable[[], list[int]]) -> None:
        """Kill one of the processes of this kind, if there is any."""
        if found := way():
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(found), signal.SIGKILL)
                self.kills[way.__name__] += 1

    def web_master(self) -> list[int]:
        return self._children(self.demo.process.pid, "gunicorn")

    def web_worker(self) -> list[int]:
        return [worker for master in self.web_master() for worker in self._children(master, "")]

    def task_worker(self) -> list[int]:
        return self._children(self.demo.process.pid, "procrastinate")

    def database(self) -> list[int]:
        return self._children(self.demo.process.pid, "/postgres -D")

    def database_session(self) -> list[int]:
        return [session for server in self.database() for session in self._children(server, "caledee caledee")]

    def _children(self, pid: int, word: str) -> list[int]:
        return [child for child, parent in parents().items() if parent == pid and word in command_line(child)]
