"""The facts in the history of bookings and one-off meetings. `scheduling.events` writes it.

A line stores facts, such as moments in UTC, and no sentence, because readers have different clocks and time zones.
`scheduling.pages.history` puts the facts into words.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from caledee.timekeeping.periods import Period
from scheduling.models import Activity


class Facts(TypedDict, total=False):
    """What a line of history can say beyond its kind. Periods are pairs of moments in UTC (ISO 8601).

    `periods`: the times it is about. `moved_from`: the time before a move. `times`: how many times. `message`: what a
    person wrote. `text`: a sentence from before there were facts.
    """

    periods: list[list[str]]
    moved_from: list[str]
    times: int
    message: str
    text: str


def periods_as_facts(periods: Iterable[Period]) -> list[list[str]]:
    return [period_as_fact(period) for period in periods]


def period_as_fact(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]


def periods_of(noted: Activity) -> list[Period]:
    """The times that a line of history is about."""
    return [_period_of(fact) for fact in noted.facts.get("periods", [])]


def moved_from(noted: Activity) -> Period | None:
    """The time before the move, unless the line is older than the record of it."""
    fact = noted.facts.get("moved_from")
    return _period_of(fact) if fact else None


def _period_of(fact: list[str]) -> Period:
    start, end = fact
    return Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
