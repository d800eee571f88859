"""Run the worker: with separate threads for jobs that can take long, and with an end in time.

Jobs of the queues in OWN_THREADS wait for servers of other people. They run in the same process as all others, but a
server that doesn't respond only takes up a thread of its queue, so it delays no email.

procrastinate ends by itself when it loses the database or is asked to stop. But it waits for its jobs first, and
nothing can stop a thread that waits for a mail server: for up to a quarter of an hour the process would do nothing,
and no service manager would restart it. So a time limit begins with the shutdown, after which the process exits. The
next worker queues unfinished jobs again, as after a kill.
"""

import asyncio
import logging
import os
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from procrastinate import App, cli
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import WORKER_CONCURRENCY

logger = logging.getLogger(__name__)

OWN_THREADS = {"calendars": 8}
# For what procrastinate itself runs in threads.
SPARE_THREADS = 4

# Names of two procrastinate tasks: the worker itself, and one that runs while it accepts jobs.
WORKER, HEARTBEAT = "worker loop", "update_heartbeats"

LOOK_EVERY = 3  # seconds
LONGEST_ANSWER = 10  # seconds, of the database
# Seconds for running jobs to finish after a stop, or to notice that the database is gone.
AFTER_STOP = 20
AFTER_LOSS = 5
LOST = 1  # exit code


async def watched_worker(app: App, **options: Any) -> None:
    """Run a worker like procrastinate's command. The process ends at most half a minute after it stops."""
    if options.get("shutdown_graceful_timeout") is None:
        options["shutdown_graceful_timeout"] = AFTER_STOP
    others: list[asyncio.Task[None]] = []
    watching = asyncio.create_task(_watch(app, others, patience=options["shutdown_graceful_timeout"] + 2))
    try:
        await _run(app, others, options)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _run(app: App, others: list[asyncio.Task[None]], options: dict[str, Any]) -> None:
    """Run the worker. Unless it is for certain queues, those in OWN_THREADS get one of their own each: the `others`.

    Only the first receives the signals of the process. `_watch` stops the others when it stops.
    """
    if options.get("queues"):
        await cli.worker_(app=app, **options)
        return
    concurrency = options.get("concurrency") or WORKER_CONCURRENCY
    threads = concurrency + sum(OWN_THREADS.values()) + SPARE_THREADS
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads))
    async with asyncio.TaskGroup() as group:
        others += [group.create_task(app.run_worker_async(**_options_for(queue, options))) for queue in OWN_THREADS]
        queues = sorted({task.queue for task in app.tasks.values()} - OWN_THREADS.keys())
        await cli.worker_(app=app, **options | {"queues": queues})
        for other in others:
            other.cancel()


def _options_for(queue: str, options: dict[str, Any]) -> dict[str, Any]:
    """Delete the jobs that succeed: there are hundreds a day for each calendar."""
    own = {"queues": [queue], "name": queue, "concurrency": OWN_THREADS[queue]}
    return options | own | {"install_signal_handlers": False, "delete_jobs": "successful"}


async def _watch(app: App, others: Sequence[asyncio.Task[None]], *, patience: float) -> None:
    """Wait until a worker begins to shut down or the database is gone."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        running = Counter(task.get_name() for task in asyncio.all_tasks())
        if running[WORKER] > running[HEARTBEAT]:
            _end_within(patience)
            for other in others:
                other.cancel()
            return
        if not await _database_answers(app):
            logger.error("The database does not respond. The worker exits and must be restarted.")
            _end_within(AFTER_LOSS)
            return


async def _database_answers(app: App) -> bool:
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            await app.check_connection_async()
    except (TimeoutError, ConnectorException):
        return False
    return True


def _end_within(seconds: float) -> None:
    """End the process after this time. Not with `sys.exit`, which waits for threads."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    logging.shutdown()
    os._exit(LOST)
