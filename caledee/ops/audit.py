"""Audit checks: queries that return the rows that break a rule.

Each app defines the checks of its own rules (such as `scheduling.audit`), and `manage.py audit` runs them all.
Findings contain only ids, because they can end up in logs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

ROWS_AT_A_TIME = 2000


def records_since(*, records: str, at: str, older: str, app: str, migration: str) -> str:
    """Return SQL for the moment from which `records`, a table that `migration` of `app` created, are complete.

    If `older` finds rows from before the migration was `applied`, that is the first record: the previous version may
    have kept running for a while after `migrate`. Otherwise the records are complete from the start.
    """
    return f"""COALESCE((
        SELECT CASE
            WHEN EXISTS ({older}) THEN COALESCE((SELECT min({at}) FROM {records}), 'infinity')
            ELSE '-infinity'
        END
        FROM django_migrations WHERE app = '{app}' AND name = '{migration}'
    ), '-infinity')"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, and SQL that finds the rows that break it: their ids, in columns named after what they identify.

    The query can use `%(now)s`. It joins sets and runs once, so it must scale to a large database.
    """

    rule: str
    sql: str

    def findings(self, *, now: datetime) -> Iterator[str]:
        """Yield a line for each row that breaks the rule, as the server streams them. Needs a transaction."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, {"now": now})
            while rows := cursor.fetchmany(ROWS_AT_A_TIME):
                names = [column.name for column in cursor.description]
                for row in rows:
                    named = [f"{name} {key}" for name, key in zip(names, row, strict=True) if key is not None]
                    yield f"{self.rule} Violated: {', '.join(named)}"
