"""Count attempts in PostgreSQL, so limits hold across all web processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db import connection

from caledee.timekeeping.wording import say_wait

# A single statement, because PostgreSQL serializes it per row. Reading the count and writing it back would lose
# simultaneous attempts.
COUNT_ONE = """
    INSERT INTO limits_tally AS tally (key, count, ends_at) VALUES (%(key)s, 1, %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN tally.ends_at <= %(now)s THEN 1 ELSE LEAST(tally.count, %(most)s) + 1 END,
        ends_at = CASE WHEN tally.ends_at <= %(now)s THEN excluded.ends_at ELSE tally.ends_at END
    RETURNING count, ends_at
"""


GIVE_BACK = "UPDATE limits_tally SET count = count - 1 WHERE key = ANY(%(keys)s) AND count > 0 AND ends_at > %(now)s"


class LimitReached(Exception):
    """The limit of attempts is reached. `wait` is the number of seconds until another is allowed."""

    reason = "Too many attempts."

    def __init__(self, wait: int) -> None:
        super().__init__(f"{wait} s")
        self.wait = wait

    def say(self, what_now: str) -> str:
        """Return the reason and `what_now`, whose `{}` becomes the time to wait."""
        return f"{self.reason} {what_now.format(say_wait(self.wait))}"


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` attempts within `window`, which begins with the first one."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit, and the key that it counts by."""

    limit: Limit
    whose: tuple[str, ...]


def seconds_to_wait(*counted: Counted, now: datetime) -> int:
    """Count one attempt for each limit. Return 0 if all allow it, or the seconds to wait.

    The first exhausted limit decides, and the ones after it do not count the attempt. A refused attempt does not
    extend the wait. A rollback undoes the counting, so in a transaction only success counts.
    """
    if not settings.RATE_LIMITS:
        return 0
    return next((wait for each in counted if (wait := _count_one(each, now))), 0)


def count_attempt(counted: Counted, *, now: datetime) -> int:
    """Count one attempt and return its number, which stops at `most` + 1.

    Counts even if RATE_LIMITS is off: some rules depend on the number of attempts, not on their rate.
    """
    return _count(counted, now)[0]


def give_back(*counted: Counted, now: datetime) -> None:
    """Uncount one attempt that succeeded."""
    if settings.RATE_LIMITS and counted:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, {"keys": [_key_of(each) for each in counted], "now": now})


def _count_one(counted: Counted, now: datetime) -> int:
    count, ends_at = _count(counted, now)
    return max(1, ceil((ends_at - now).total_seconds())) if count > counted.limit.most else 0


def _count(counted: Counted, now: datetime) -> tuple[int, datetime]:
    limit = counted.limit
    key, end = _key_of(counted), now + limit.window
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, {"key": key, "most": limit.most, "now": now, "end": end})
        count, ends_at = cursor.fetchone()
    return int(count), ends_at


def _key_of(counted: Counted) -> str:
    return sha256("\n".join([counted.limit.name, *counted.whose]).encode("utf-8", "surrogatepass")).hexdigest()
