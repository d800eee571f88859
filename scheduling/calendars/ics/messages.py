"""What the child process is asked and answers, as bytes.

A request is one line of JSON and then the texts themselves. An answer is JSON.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from caledee.timekeeping.periods import Period
from scheduling.calendars.reading import Failure, NoteKind, OutsideTime, OwnEntry, Owner, Reading, ReadingFailed


@dataclass(frozen=True, slots=True)
class Request:
    """`is_feed` if the only text is a whole stream, rather than one object of many."""

    texts: Sequence[bytes]
    window: Period
    owner: Owner
    is_feed: bool

    def to_bytes(self) -> bytes:
        head = {
            "sizes": [len(text) for text in self.texts],
            "window": _dump_period(self.window),
            "zone": self.owner.zone.key,
            "addresses": sorted(self.owner.addresses),
            "uids": sorted(self.owner.uids),
            "is_feed": self.is_feed,
        }
        return b"".join([json.dumps(head).encode(), b"\n", *self.texts])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Request":
        """Raises ValueError, KeyError or TypeError unless the bytes are a request."""
        line, newline, rest = data.partition(b"\n")
        head = json.loads(line)
        if not newline or sum(head["sizes"]) != len(rest):
            raise ValueError("the texts are cut off")
        texts, position = [], 0
        for size in head["sizes"]:
            texts.append(rest[position : position + size])
            position += size
        owner = Owner(ZoneInfo(head["zone"]), frozenset(head["addresses"]), frozenset(head["uids"]))
        return cls(texts, _load_period(head["window"]), owner, head["is_feed"])


def dump_reading(reading: Reading) -> bytes:
    interval = reading.refresh_interval
    return json.dumps(
        {
            "busy": [[*_dump_period(time.period), time.is_tentative] for time in reading.busy],
            "own": [[entry.uid, *_dump_period(entry.period)] for entry in reading.own],
            "notes": reading.notes,
            "name": reading.name,
            "refresh_interval": None if interval is None else interval.total_seconds(),
        }
    ).encode()


def dump_failure(failure: Failure) -> bytes:
    return json.dumps({"failure": failure}).encode()


def load_answer(data: bytes) -> Reading:
    """Raises ReadingFailed if the answer is a failure, and ValueError, KeyError or TypeError if it is cut off."""
    answer: dict[str, Any] = json.loads(data)
    if "failure" in answer:
        raise ReadingFailed(Failure(answer["failure"]))
    interval = answer["refresh_interval"]
    return Reading(
        busy=tuple(OutsideTime(_load_period([start, end]), tentative) for start, end, tentative in answer["busy"]),
        own=tuple(OwnEntry(uid, _load_period([start, end])) for uid, start, end in answer["own"]),
        notes={NoteKind(kind): count for kind, count in answer["notes"].items()},
        name=answer["name"],
        refresh_interval=None if interval is None else timedelta(seconds=interval),
    )


def _dump_period(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]


def _load_period(bounds: list[str]) -> Period:
    start, end = map(datetime.fromisoformat, bounds)
    return Period(start, end)
