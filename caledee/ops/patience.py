"""How long the web waits for the database: never so long that one locked row or one slow statement stops the site.

The worker and the commands wait as long as it takes: what they do is not lost by waiting, but might be by giving up.
"""

import time
from collections.abc import Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

# Sent by PostgreSQL's own names when a connection is made. A machine that vanishes in the middle of a transaction
# keeps its locks until the server notices: by these, within a minute.
LIMITS = {
    "lock_timeout": "3s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
# A server that is gone without a word: seconds to connect, of which libpq's least is 2, and milliseconds.
GONE = {"connect_timeout": "3", "tcp_user_timeout": "5000"}
SHUN = 5.0  # seconds


def limit_waiting(database: dict[str, Any], *, usual: Mapping[str, str]) -> None:
    """Change what Django's connections are made with, in this process. What the DATABASE_URL says goes before; where
    it says nothing, an option has its `usual` value.
    """
    options = database["OPTIONS"]
    ours = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    gone = {name: value for name, value in GONE.items() if options.get(name) == usual[name]}
    database["OPTIONS"] = options | gone | {"options": f"{ours} {options.get('options', '')}".strip()}


class Shunned:
    """Rows that somebody has waited for in vain a moment ago: who comes next is told at once, and keeps no thread."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}

    @contextmanager
    def waiting_for(self, keys: Collection[Hashable]) -> Iterator[bool]:
        """Within, the rows are locked: without waiting, where this says so."""
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
