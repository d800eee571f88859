"""How often something may be tried, counted in PostgreSQL, so that all web processes count together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db import connection

# One statement, which PostgreSQL lets one connection at a time do to a row: reading a number, adding to it and writing
# it back would lose counts where two do so at once.
COUNT_ONE = """
    INSERT INTO limits_tally AS tally (key, count, ends_at) VALUES (%(key)s, 1, %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN tally.ends_at <= %(now)s THEN 1 ELSE LEAST(tally.count, %(most)s) + 1 END,
        ends_at = CASE WHEN tally.ends_at <= %(now)s THEN excluded.ends_at ELSE tally.ends_at END
    RETURNING count, ends_at
"""


class LimitReached(Exception):
    """Something was attempted too often. `wait` says after how many seconds there is room again."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"{wait} s")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` tries within `window`, which begins with the first try."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit, and whose tries it counts here."""

    limit: Limit
    whose: tuple[str, ...]


def seconds_to_wait(*counted: Counted, now: datetime) -> int:
    """Count one try by each limit. 0 where all allow it, else after how many seconds there is room again.

    The first that is reached decides, and those after it do not count the try: it is not made. A try that is refused
    makes nobody wait longer. In a transaction that is undone nothing has been counted: there only success counts.
    """
    if not settings.RATE_LIMITS:
        return 0
    return next((wait for each in counted if (wait := _count_one(each, now))), 0)


def _count_one(counted: Counted, now: datetime) -> int:
    limit = counted.limit
    key, end = _key_of(counted), now + limit.window
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, {"key": key, "most": limit.most, "now": now, "end": end})
        count, ends_at = cursor.fetchone()
    return max(1, ceil((ends_at - now).total_seconds())) if count > limit.most else 0


def _key_of(counted: Counted) -> str:
    return sha256("\n".join([counted.limit.name, *counted.whose]).encode("utf-8", "surrogatepass")).hexdigest()
