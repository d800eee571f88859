"""`python -m scheduling.calendars.ics.child`: read calendar text under limits. Use it through `isolated`.

Strangers write these texts. Neither an endless rule nor a huge file may stop or grow a worker, and where the text is
parsed there is no database and no secret.
"""

import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from scheduling.calendars.ics.messages import Request, dump_failure, dump_reading
from scheduling.calendars.ics.reader import read_feed, read_objects
from scheduling.calendars.ics.rules import TookTooLong
from scheduling.calendars.reading import Failure, Reading, ReadingFailed

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 60
CPU_SECONDS_EACH = 2.0
# Between these times, endless rules get less and less: the rest of the calendar is read, too.
GENEROUS_SECONDS, SCARCE_SECONDS = 30, 50
# An exception that is lost, because it is raised while an object is being deleted, is raised again soon.
REPEAT = 0.05


def main() -> int:
    limit_resources()
    signal.signal(signal.SIGPROF, _interrupt)
    try:
        answer = dump_reading(_read(Request.from_bytes(sys.stdin.buffer.read())))
    except ReadingFailed as failed:
        answer = dump_failure(failed.failure)
    except (MemoryError, RecursionError):
        answer = dump_failure(Failure.NOT_A_CALENDAR)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def limited_time() -> Iterator[None]:
    """Raise TookTooLong after two seconds of CPU time, or fewer if many entries have already taken long."""
    left = (SCARCE_SECONDS - time.process_time()) / (SCARCE_SECONDS - GENEROUS_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, max(min(left, 1), REPEAT) * CPU_SECONDS_EACH, REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong


def _read(request: Request) -> Reading:
    if request.is_feed:
        return read_feed(request.texts[0], request.window, request.owner, guard=limited_time)
    return read_objects(request.texts, request.window, request.owner, guard=limited_time)


if __name__ == "__main__":
    sys.exit(main())
