"""What an audit is made of: questions to the database, of which every answer is something wrong.

Each app asks the questions of its own rules (such as `scheduling.audit`), and `manage.py audit` asks them all. Answers
name rows by their ids and nothing else, because they can end up in logs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

ROWS_AT_A_TIME = 2000


def records_since(*, records: str, at: str, older: str, app: str, migration: str) -> str:
    """Return SQL for the moment from which on there must be `records`, a table that `migration` of `app` made.

    A database that is older than the table (`older` finds rows made before it was `applied`) has records from the
    first one on: the version before may have served for a while after `migrate`. Any other has always had them.
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
    """`rule` is what must hold. `sql` finds the rows that break it: ids, each under the name of what it is an id of.

    The query may use `%(now)s`. It sees to it that a big database answers: it joins sets, and is asked once.
    """

    rule: str
    sql: str

    def findings(self, *, now: datetime) -> Iterator[str]:
        """A line for each row that breaks the rule, as the server sends them. Needs a transaction."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, {"now": now})
            while rows := cursor.fetchmany(ROWS_AT_A_TIME):
                names = [column.name for column in cursor.description]
                for row in rows:
                    named = [f"{name} {key}" for name, key in zip(names, row, strict=True) if key is not None]
                    yield f"{self.rule} Violated: {', '.join(named)}"
