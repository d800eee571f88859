from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability import ledger
from scheduling.availability.ledger import Claimed, TimeTaken
from scheduling.availability.taken import conflicts_with, read_taken
from scheduling.models import BusyKind, BusyTime
from tests.scheduling.availability.ledger_model import LedgerModel, Row, overlaps_in_database, sort_key
from tests.support.times import at
from tests.support.undone import undone

MINUTE = timedelta(minutes=1)
MORNING = Period.lasting(at("2026-12-01 09:00"), 240 * MINUTE)
CLAIMS = [UUID(int=n) for n in range(1, 6)]
HANDLES = ["ada", "grace", "alan"]

People = dict[str, User]


@dataclass(frozen=True)
class Claim:
    claim: UUID
    kind: BusyKind
    handles: tuple[str, ...]
    periods: tuple[Period, ...]
    validity: int | None

    def run(self, people: People, model: LedgerModel, now: datetime) -> datetime:
        claimed = [Claimed(period, self.lapse_of(period)) for period in self.periods]
        rows = [
            Row(handle, self.claim, self.kind, period.period, period.lapses_at)
            for handle in self.handles
            for period in claimed
        ]
        assert self.is_granted(people, claimed, now) == model.claim(rows, now=now)
        return now

    def is_granted(self, people: People, claimed: list[Claimed], now: datetime) -> bool:
        try:
            ledger.claim(self.claim, self.kind, [people[handle] for handle in self.handles], claimed, now=now)
        except TimeTaken:
            return False
        return True

    def lapse_of(self, period: Period) -> datetime | None:
        if self.kind == BusyKind.BOOKING:
            return None
        return period.start if self.validity is None else min(period.start, MORNING.start + self.validity * MINUTE)


@dataclass(frozen=True)
class Release:
    claim: UUID
    period: Period | None

    def run(self, people: People, model: LedgerModel, now: datetime) -> datetime:
        model.release(self.claim, self.period)
        ledger.release(self.claim, self.period)
        return now


@dataclass(frozen=True)
class Pass:
    minutes: int

    def run(self, people: People, model: LedgerModel, now: datetime) -> datetime:
        return now + self.minutes * MINUTE


quarters = st.integers(0, 15).map(lambda n: MORNING.start + n * 15 * MINUTE)
periods = st.builds(Period.lasting, quarters, st.sampled_from([15, 30, 45]).map(lambda n: n * MINUTE))
claims = st.builds(
    Claim,
    claim=st.sampled_from(CLAIMS),
    kind=st.sampled_from(BusyKind),
    handles=st.lists(st.sampled_from(HANDLES), min_size=1, max_size=3, unique=True).map(tuple),
    periods=st.lists(periods, min_size=1, max_size=3).map(tuple),
    validity=st.none() | st.integers(-30, 120),
)
releases = st.builds(Release, claim=st.sampled_from(CLAIMS), period=st.none() | periods)
steps = st.lists(claims | claims | releases | st.builds(Pass, st.integers(1, 40)), min_size=3, max_size=20)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_ledger_answers_as_a_plain_list_of_rows_would(ada, grace, alan, steps):
    people = {"ada": ada, "grace": grace, "alan": alan}
    handles = {person.pk: handle for handle, person in people.items()}
    model = LedgerModel()
    now = MORNING.start - 60 * MINUTE

    with undone():
        for step in steps:
            now = step.run(people, model, now)

            expected = model.read(HANDLES, MORNING, now)
            stored = [
                Row(row.organizer.handle, row.claim, row.kind, row.period, row.lapses_at)
                for row in BusyTime.objects.overlapping(people.values(), MORNING).counting(now)
            ]
            assert sorted(stored, key=sort_key) == expected
            read = [
                (taken.period.start, taken.period.end, handles[taken.person], taken.claim, taken.kind)
                for taken in read_taken(people.values(), MORNING, now=now)
            ]
            assert sorted(read) == [sort_key(row) for row in expected]
            assert overlaps_in_database() == 0


@pytest.mark.parametrize("taken", [15, 30])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(periods, min_size=1, max_size=5), start=quarters)
def test_a_period_conflicts_exactly_when_it_could_not_be_claimed(ada, taken, asked, start):
    now = MORNING.start - 60 * MINUTE
    with undone():
        ledger.claim(CLAIMS[0], BusyKind.HOLD, [ada], [Claimed(Period.lasting(start, taken * MINUTE), start)], now=now)

        conflicts = conflicts_with([ada], asked, now=now)

        refused = [period for period in asked if not is_granted(ada, period, now)]
        assert [period for period in asked if period in conflicts] == refused


def is_granted(organizer: User, period: Period, now: datetime) -> bool:
    attempt = Claim(CLAIMS[1], BusyKind.BOOKING, (organizer.handle,), (period,), None)
    with undone():
        return attempt.is_granted({organizer.handle: organizer}, [Claimed(period)], now)
