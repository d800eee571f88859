"""Many writers at once, each in a thread and on a database connection of its own, with real commits."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Barrier, Thread

from django.db import connection

from oneoff.creator.create import TimesTaken
from scheduling.bookings.offers import OfferClosed, SlotTaken

DEADLINE = 60  # seconds, for all of one race together

PROPER_ANSWERS = (SlotTaken, OfferClosed, TimesTaken)
Attempt = Callable[[], object]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a race: the results of the winners, and the number of losers by their answer."""

    won: list[object]
    lost: Counter[type[Exception]]


def race(attempts: Sequence[Attempt], *, proper: tuple[type[Exception], ...] = PROPER_ANSWERS) -> Outcome:
    """Start all attempts at the same moment and wait for all. A loser may only hear a proper answer."""
    barrier = Barrier(len(attempts))
    runners = [Runner(attempt, barrier) for attempt in attempts]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(DEADLINE)
    assert not any(runner.is_alive() for runner in runners), "some still wait for each other"
    improper = [runner.error for runner in runners if runner.error and not isinstance(runner.error, proper)]
    if improper:
        raise ExceptionGroup("not a proper answer", improper)
    return Outcome(
        won=[runner.result for runner in runners if runner.error is None],
        lost=Counter(type(runner.error) for runner in runners if runner.error),
    )


class Runner(Thread):
    """One attempt: connected before the start, disconnected at its end. As a daemon, it cannot outlive the tests."""

    def __init__(self, attempt: Attempt, barrier: Barrier) -> None:
        super().__init__(daemon=True)
        self.attempt = attempt
        self.barrier = barrier
        self.result: object = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            connection.ensure_connection()
            self.barrier.wait(DEADLINE)
            self.result = self.attempt()
        except Exception as error:  # any error is the outcome
            self.error = error
        finally:
            connection.close()
