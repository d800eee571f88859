"""Calendars that are a single file at an address (ICS)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from caledee.outgoing import Answer, Deadline, Network, anywhere, parse_address, request
from caledee.timekeeping.periods import Period
from scheduling.calendars.ics.isolated import read_feed_in_child
from scheduling.calendars.providers.failures import as_failures, failure_of, time_left
from scheduling.calendars.providers.protocol import Account, FoundCalendar, NewReading
from scheduling.calendars.reading import Owner, Reading

MOST_BYTES = 10_000_000
NOT_MODIFIED = 304
HEADERS = {"Accept": "text/calendar, */*;q=0.5"}
# To read what a feed says about itself, any window will do.
SOME_DAY = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC))
LONGEST_NAME = 100
# Longer ones are cut, so they match nothing, and the feed is read.
LONGEST_ETAG = 500


@dataclass(frozen=True, slots=True)
class Feed:
    """Implements `Provider`. Its only calendar has an empty `remote`."""

    network: Network | None = None

    def find(self, account: Account, *, patience: timedelta) -> Sequence[FoundCalendar]:
        reading = self.check(account, "", SOME_DAY, Owner(ZoneInfo("UTC")), state="", patience=patience)
        name = " ".join(reading.name.split()) or parse_address(account.address).origin.host
        return [FoundCalendar(remote="", name=name[:LONGEST_NAME])]

    def read(
        self, account: Account, remote: str, window: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> NewReading | None:
        deadline = Deadline(patience)
        known = State.parse(state)
        answer = self._get(account, known.conditions, deadline)
        if answer.status == NOT_MODIFIED and known.conditions:
            return None
        current = State.of(_successful(answer))
        if current.digest == known.digest:
            return None
        return NewReading(_read(answer, window, owner, deadline), current.dump())

    def check(
        self, account: Account, remote: str, period: Period, owner: Owner, *, state: str, patience: timedelta
    ) -> Reading:
        new = self.read(account, remote, period, owner, state=state, patience=patience)
        return new.reading if new else Reading(busy=())

    def _get(self, account: Account, conditions: dict[str, str], deadline: Deadline) -> Answer:
        with as_failures():
            return request(
                "GET",
                account.address,
                headers=HEADERS | conditions,
                max_bytes=MOST_BYTES,
                deadline=deadline,
                allow_redirect_to=anywhere,
                network=self.network,
            )


@dataclass(frozen=True, slots=True)
class State:
    """What a feed was when it was read: what its server calls that, and a hash of its text."""

    etag: str = ""
    modified: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "State":
        return cls(*json.loads(text)) if text else cls()

    @classmethod
    def of(cls, answer: Answer) -> "State":
        etag, modified = (answer.headers.get(name, "")[:LONGEST_ETAG] for name in ("etag", "last-modified"))
        return cls(etag, modified, hashlib.sha256(answer.body).hexdigest())

    def dump(self) -> str:
        return json.dumps([self.etag, self.modified, self.digest])

    @property
    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for an answer only if the feed has changed."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}


def _successful(answer: Answer) -> Answer:
    if not answer.ok:
        raise failure_of(answer)
    return answer


def _read(answer: Answer, window: Period, owner: Owner, deadline: Deadline) -> Reading:
    return read_feed_in_child(answer.body, window, owner, patience=time_left(deadline))
