"""Limit how long web requests wait for the database, so one locked row or slow statement cannot stop the site.

The worker and the commands have no limit: waiting costs them nothing, but giving up could lose work.
"""

import time
from collections.abc import Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

# PostgreSQL settings, sent when connecting. If a machine vanishes in the middle of a transaction, the server notices
# within a minute and releases its locks.
LIMITS = {
    "lock_timeout": "3s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
# For a server that disappears silently: seconds to connect (libpq's minimum is 2), and milliseconds.
GONE = {"connect_timeout": "3", "tcp_user_timeout": "5000"}
SHUN = 5.0  # seconds


def limit_waiting(database: dict[str, Any], *, usual: Mapping[str, str]) -> None:
    """Add limits to the connection options of this process. DATABASE_URL takes precedence over them, and `usual`
    values fill in options that it does not set.
    """
    options = database["OPTIONS"]
    ours = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    gone = {name: value for name, value in GONE.items() if options.get(name) == usual[name]}
    database["OPTIONS"] = options | gone | {"options": f"{ours} {options.get('options', '')}".strip()}


class Shunned:
    """Rows that another request recently timed out on: the next ones fail at once and do not block a thread."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}

    @contextmanager
    def waiting_for(self, keys: Collection[Hashable]) -> Iterator[bool]:
        """Lock the rows within this context, without waiting if it yields True."""
        now = time.monotonic()
        at_once = any(self._until.get(key, 0) > now for key in keys)
        try:
            yield at_once
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable) and not at_once:
                late = time.monotonic()
                self._until = {key: until for key, until in self._until.items() if until > late}
                self._until |= dict.fromkeys(keys, late + SHUN)
            raise
        for key in keys:
            self._until.pop(key, None)
