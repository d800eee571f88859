"""The results: rows of figures, as one table for people and as JSON."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Figures:
    """The figures of one thing measured many times."""

    median: float
    p99: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figures":
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], len(ordered))


@dataclass
class Row:
    """`row` is the goal's number. `ratio` is ours over the floor's, of medians (of rates the other way round)."""

    row: str
    what: str
    ours: str
    floor: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    figures: dict[str, object] = field(default_factory=dict)


class Table:
    def __init__(self, machine: dict[str, str]) -> None:
        self.machine = machine
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self.plans: dict[str, list[str]] = {}
        self.seconds: dict[str, float] = {}

    def add(self, row: Row) -> None:
        self.rows.append(row)
        print(f"  {row.row} {row.what}: {row.ours} | {row.floor} | {_ratio(row)} | {row.goal} {_met(row)}", flush=True)

    def compare(
        self, row: str, what: str, ours: Sequence[float], floor: Sequence[float], *, most: float, **more: object
    ) -> float:
        """Add our milliseconds beside those of the floor to the table, and return the ratio of the medians."""
        mine, low = Figures.of(ours), Figures.of(floor)
        ratio = mine.median / low.median
        figures = {"ours": asdict(mine), "floor": asdict(low), **more}
        words = (say(mine), say(low))
        self.add(Row(row, what, *words, ratio, f"at most {most}x", ratio <= most, figures))
        return ratio

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def markdown(self) -> str:
        lines = ["| | measured | Caledee | floor | ratio | goal | |", "| --- | --- | --- | --- | --- | --- | --- |"]
        lines += [
            f"| {row.row} | {row.what} | {row.ours} | {row.floor} | {_ratio(row)} | {row.goal} | {_met(row)} |"
            for row in self.rows
        ]
        return "\n".join(lines)

    def report(self) -> str:
        machine = [f"{name}: {words}" for name, words in self.machine.items()]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join(["", *machine, "", self.markdown(), "", "Not the same work, and what else to know:", *notes])

    def write(self, file: Path) -> None:
        file.write_text(
            json.dumps(
                {
                    "machine": self.machine,
                    "rows": [asdict(row) for row in self.rows],
                    "notes": self.notes,
                    "plans": self.plans,
                    "seconds": self.seconds,
                },
                indent=1,
            )
        )


def say(figures: Figures) -> str:
    """Return median and p99 of the milliseconds as text."""
    return f"{ms(figures.median)} ms, p99 {ms(figures.p99)}"


def ms(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 3 else f"{value:.2f}"


def _ratio(row: Row) -> str:
    return "" if row.ratio is None else f"{row.ratio:.2f}x"


def _met(row: Row) -> str:
    return "" if row.met is None else "met" if row.met else "missed"
