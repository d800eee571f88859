"""Read calendar text in a child process, where its CPU time and memory are limited."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread, Timer
from typing import IO

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.messages import Request, load_answer
from scheduling.calendars.reading import Failure, Owner, Reading, ReadingFailed

logger = logging.getLogger(__name__)

COMMAND = [sys.executable, "-m", "scheduling.calendars.ics.child"]
MAX_ANSWER = 16 * 1024 * 1024
ROOT = Path(__file__).resolve().parents[3]
# All that the child needs to find libraries. It gets no secret, and no address of a database.
_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


def read_feed_in_child(text: bytes, window: Period, owner: Owner, *, patience: timedelta) -> Reading:
    """Return what `reader.read_feed` does, within `patience`. Raises ReadingFailed if the child fails or is killed."""
    return _ask(Request([text], window, owner, is_feed=True), patience)


def read_objects_in_child(texts: Sequence[bytes], window: Period, owner: Owner, *, patience: timedelta) -> Reading:
    """Return what `reader.read_objects` does, within `patience`. Raises ReadingFailed as above."""
    return _ask(Request(texts, window, owner, is_feed=False), patience)


def _ask(request: Request, patience: timedelta) -> Reading:
    answer = run(COMMAND, request.to_bytes(), patience)
    try:
        return load_answer(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise ReadingFailed(Failure.NOT_A_CALENDAR) from error


def run(command: Sequence[str], request: bytes, patience: timedelta) -> bytes:
    """Return at most MAX_ANSWER bytes of what a command answers within `patience`, and kill it.

    Can be called in any thread: it needs no signal.
    """
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        deadline = Timer(patience.total_seconds(), _kill, [child])
        writing = Thread(target=_write, args=[child.stdin, request], daemon=True)
        deadline.start()
        writing.start()
        try:
            answer = child.stdout.read(MAX_ANSWER)
        finally:
            _kill(child)
            deadline.cancel()
            deadline.join()
            writing.join()
    logger.debug("calendar text of %d bytes: answer of %d bytes", len(request), len(answer))
    return answer


def _write(pipe: IO[bytes], request: bytes) -> None:
    # A child that fails doesn't read everything.
    with suppress(OSError), pipe:
        pipe.write(request)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End the child and its children."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
