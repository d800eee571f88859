"""What the clients know of each other, and what each of them did with which response."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock
from zoneinfo import ZoneInfo

# What came of a deed. Of one that was lost, with its answer or in an error of the server, nobody knows.
DONE, REFUSED, LOST, BROKEN = "done", "refused", "lost", "broken"

ZONES = {
    "ada": ZoneInfo("Europe/London"),
    "grace": ZoneInfo("America/New_York"),
    "alan": ZoneInfo("Asia/Kolkata"),
    "barbara": ZoneInfo("Europe/London"),
    "edsger": ZoneInfo("Europe/Amsterdam"),
}


@dataclass
class Deed:
    """`about` is the id or token of what it was done to, or of what it made; `starts` are the moments it asked for.

    `mark` is found again in the row that it wrote: an email, a name, a word.
    """

    kind: str
    mark: str
    about: str = ""
    starts: list[datetime] = field(default_factory=list)
    outcome: str = LOST

    @property
    def may_be_done(self) -> bool:
        return self.outcome != REFUSED


@dataclass
class Known:
    """A one-off meeting as its page last showed it."""

    address: str
    times: list[str]


@dataclass
class World:
    deeds: list[Deed] = field(default_factory=list)
    one_offs: dict[str, Known] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)  # by token, the one-off or nothing
    proposals: dict[str, tuple[str, str]] = field(default_factory=dict)  # the one-off and one of the times
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def any_of[T](self, known: dict[str, T], random: Random) -> tuple[str, T] | None:
        with self.lock:
            return random.choice(list(known.items())) if known else None

    def learn[T](self, known: dict[str, T], key: str, value: T) -> None:
        with self.lock:
            known[key] = value

    def forget[T](self, known: dict[str, T], key: str) -> None:
        with self.lock:
            known.pop(key, None)

    @property
    def answered(self) -> int:
        """Return how many deeds got an answer that tells the outcome."""
        return sum(number for (_, outcome), number in list(self.answers.items()) if outcome in {DONE, REFUSED})


def some_moment(random: Random, days: int) -> datetime:
    """A quarter of an hour in the afternoon of a working day, ten days from now or more: all but one are at work."""
    day = datetime.now(UTC).date() + timedelta(days=10)
    tuesday = day + timedelta(days=(1 - day.weekday()) % 7)
    midnight = datetime.combine(tuesday, datetime.min.time(), UTC)
    return midnight + timedelta(days=random.randrange(days), minutes=14 * 60 + 15 * random.randrange(8))


def typed(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
