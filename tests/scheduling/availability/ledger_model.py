"""A model of the ledger as a plain list, and a check of the real one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from caledee.timekeeping.periods import Period

OVERLAPS = """
    SELECT count(*)
    FROM scheduling_busytime one
    JOIN scheduling_busytime other ON one.organizer_id = other.organizer_id AND one.id < other.id
    WHERE one.claim <> other.claim AND one.start < other."end" AND other.start < one."end"
"""


def overlaps_in_database() -> int:
    """Return how many pairs of rows of one person and different claims overlap, including lapsed ones."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class Row:
    organizer: str
    claim: UUID
    kind: str
    period: Period
    lapses_at: datetime | None

    def counts(self, now: datetime) -> bool:
        return self.lapses_at is None or now < self.lapses_at

    def excludes(self, other: "Row") -> bool:
        return (
            self.organizer == other.organizer
            and self.claim != other.claim
            and self.period.start < other.period.end
            and other.period.start < self.period.end
        )


@dataclass
class LedgerModel:
    rows: list[Row] = field(default_factory=list)

    def claim(self, rows: Sequence[Row], *, now: datetime) -> bool:
        """Return whether the claim was granted: no row that counts excludes any of the new ones."""
        if any(row.excludes(new) for row in self.counting(now) for new in rows):
            return False
        self.rows.extend(rows)
        return True

    def release(self, claim: UUID, period: Period | None) -> None:
        self.rows = [row for row in self.rows if row.claim != claim or period not in {None, row.period}]

    def counting(self, now: datetime) -> Iterable[Row]:
        return [row for row in self.rows if row.counts(now)]

    def read(self, organizers: Collection[str], window: Period, now: datetime) -> list[Row]:
        found = [
            row
            for row in self.counting(now)
            if row.organizer in organizers and row.period.start < window.end and window.start < row.period.end
        ]
        return sorted(found, key=sort_key)


def sort_key(row: Row) -> tuple[datetime, datetime, str, UUID, str]:
    return row.period.start, row.period.end, row.organizer, row.claim, row.kind
