"""Check in the database, without any code of ours, that every response to a client was true."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg

from tests.load.world import DONE, REFUSED, World

BOOKINGS = """
    SELECT booking.token, invitee_email, start, cancelled_at IS NOT NULL, cancel_reason, link.one_off_id::text
    FROM scheduling_booking booking
    LEFT JOIN oneoff_singleuselink link ON link.booking_id = booking.id
"""
CREATED = "SELECT name, subject::text FROM scheduling_activity WHERE kind = 'created'"
PROPOSALS = "SELECT id::text, note, answer, answer_note FROM oneoff_counterproposal"


@dataclass(frozen=True)
class Made:
    token: str
    email: str
    start: datetime
    is_cancelled: bool
    reason: str
    one_off: str | None


@dataclass(frozen=True)
class Asked:
    key: str
    note: str
    answer: str
    word: str


def find_all(url: str) -> set[str]:
    """Return the tokens of all bookings, and the IDs of all one-off meetings."""
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(BOOKINGS)} | {key for _, key in connection.execute(CREATED)}


class Truth:
    """What the database holds, and what the clients say that it must hold.

    `already` are the tokens and ids of what was there before the clients came.
    """

    def __init__(self, url: str, world: World, already: Collection[str]) -> None:
        with psycopg.connect(url) as connection:
            bookings = [Made(*row) for row in connection.execute(BOOKINGS)]
            self.asked = [Asked(*row) for row in connection.execute(PROPOSALS)]
            created: list[tuple[str, str]] = connection.execute(CREATED).fetchall()
            self.one_offs = {key for (key,) in connection.execute("SELECT id::text FROM oneoff_oneoffmeeting")}
            self.times = {key for (key,) in connection.execute("SELECT id::text FROM oneoff_proposedtime")}
        self.bookings = [made for made in bookings if made.token not in already]
        self.created = [(name, key) for name, key in created if key not in already]
        self.deeds = world.deeds
        self.possible = [deed for deed in world.deeds if deed.outcome != REFUSED]
        self.answered = [deed for deed in world.deeds if deed.outcome == DONE]

    def lies(self) -> list[str]:
        """Return what a client was told that is not true, and what is true though no client can have done it."""
        return [
            *self._about_what_was_made(),
            *self._about_what_was_undone(),
            *self._about_answers(),
            *self._about_bookings(),
            *self._about_one_offs(),
        ]

    def _about_what_was_made(self) -> Iterator[str]:
        """Compare what is found under each mark with the response. Refused requests leave nothing."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for made in self.bookings:
            found[made.email.partition("@")[0]].append(made.token)
        for name, key in self.created:
            found[name].append(key)
        # A form without an answer may have been sent again: what one of the attempts did makes no lie of the others.
        unsure = {deed.mark for deed in self.possible if deed.outcome != DONE}
        for deed in self.deeds:
            if deed.kind in {"book link", "book event type", "create"}:
                there = found[deed.mark]
                right = {DONE: there == [deed.about], REFUSED: not there or deed.mark in unsure}
                if len(there) > 1 or not right.get(deed.outcome, True):
                    yield f"{deed}, but there is {there}"

    def _about_what_was_undone(self) -> Iterator[str]:
        confirmed = {made.token for made in self.bookings if not made.is_cancelled}
        still_there = {"cancel": confirmed, "delete": self.one_offs}
        for deed in self.answered:
            if deed.about in still_there.get(deed.kind, set()) or (
                deed.kind == "withdraw" and deed.mark in self.times
            ):
                yield f"{deed}, but it is still there"

    def _about_answers(self) -> Iterator[str]:
        """Compare the suggested times with their outcomes."""
        notes = Counter(asked.note for asked in self.asked)
        for deed in self.deeds:
            if deed.kind in {"propose", "propose a move"}:
                least = deed.outcome == DONE and deed.about in self.one_offs
                if not least <= notes[deed.mark] <= (deed.outcome != REFUSED):
                    yield f"{deed}, but there are {notes[deed.mark]}"
        answers = {asked.key: asked.answer for asked in self.asked}
        for deed in self.answered:
            right = {"accept": "accepted", "decline": "declined"}.get(deed.kind)
            if right and answers.get(deed.about, right) != right:
                yield f"{deed}, but it is {answers[deed.about]!r}"
        accepted, words = self._possible("accept", "about"), self._possible("decline", "mark")
        for asked in self.asked:
            if (asked.answer == "accepted" and asked.key not in accepted) or (
                asked.answer == "declined" and asked.word not in words
            ):
                yield f"nobody gave the answer of {asked}"

    def _about_bookings(self) -> Iterator[str]:
        makers = self._possible("book link", "mark") | self._possible("propose", "mark")
        by_event_type = self._possible("book event type", "mark")
        reasons = self._possible("cancel", "mark") | self._possible("cancel ours", "mark")
        starts: defaultdict[str, set[datetime]] = defaultdict(set)
        for deed in self.possible:
            for key in {deed.about, deed.mark}:
                starts[key].update(deed.starts)
        for made in self.bookings:
            mark = made.email.partition("@")[0]
            if mark not in makers | by_event_type:
                yield f"nobody made {made}"
            if made.is_cancelled and made.reason not in reasons:
                yield f"nobody cancelled {made}"
            # Of a meeting that is deleted since, nobody knows any more which it was.
            known = starts[made.token] | starts[mark] | starts[made.one_off or ""]
            if (made.one_off or mark in by_event_type) and made.start not in known:
                yield f"nobody asked for the time of {made}"

    def _about_one_offs(self) -> Iterator[str]:
        names, deleted = self._possible("create", "mark"), self._possible("delete", "about")
        for name, key in self.created:
            if name not in names:
                yield f"nobody created {name}"
            if key not in self.one_offs and key not in deleted:
                yield f"nobody deleted {name}, {key}"

    def _possible(self, kind: str, what: str) -> set[str]:
        return {getattr(deed, what) for deed in self.possible if deed.kind == kind}
