"""The worker ends when it should, whatever its threads are doing.

procrastinate ends by itself when it loses the database, or is asked to. But it waits for its jobs first, and nothing
can stop a thread that listens to a mail server: for a quarter of an hour the process would be there and do nothing,
and no service manager would start another. So from the moment it begins to end there is a limit, and then the process
is gone. What it was doing is queued again by the next worker, as after a kill.
"""

import asyncio
import logging
import os
import threading
from contextlib import suppress
from typing import Any

from procrastinate import App, cli
from procrastinate.exceptions import ConnectorException

logger = logging.getLogger(__name__)

# Two tasks of procrastinate's, by name: the worker itself, and what runs for as long as it takes new jobs.
WORKER, HEARTBEAT = "worker loop", "update_heartbeats"

LOOK_EVERY = 3  # seconds
LONGEST_ANSWER = 10  # of the database
# For what runs: to finish after a stop, or to notice that there is no database to write to.
AFTER_STOP = 20
AFTER_LOSS = 5
LOST = 1  # exit code


async def watched_worker(app: App, **options: Any) -> None:
    """As procrastinate's own command. Once it takes no jobs any more, the process ends within half a minute."""
    if options.get("shutdown_graceful_timeout") is None:
        options["shutdown_graceful_timeout"] = AFTER_STOP
    watching = asyncio.create_task(_watch(app, patience=options["shutdown_graceful_timeout"] + 2))
    try:
        await cli.worker_(app=app, **options)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(app: App, *, patience: float) -> None:
    """Until the worker begins to end, or the database is gone."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        running = {task.get_name() for task in asyncio.all_tasks()}
        if WORKER in running and HEARTBEAT not in running:
            _end_within(patience)
            return
        if not await _database_answers(app):
            logger.error("The database does not answer. The worker ends, and must be started again.")
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
    """Unless the process ends before. Not by `sys.exit`, which waits for threads."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    logging.shutdown()
    os._exit(LOST)
