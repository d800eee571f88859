"""The work of a draft is bounded by what can be proposed, regardless of what is sent or stored."""

import sys
import uuid
from collections import Counter
from datetime import date, timedelta

import pytest

from caledee.timekeeping.periods import Period
from oneoff.creator.draft import Draft, read_draft
from oneoff.creator.forms import CreatorForm
from oneoff.creator.page import CreatorPage
from oneoff.permissions import colleagues_of
from scheduling.availability.taken import conflicts_with
from scheduling.models import BusyKind, BusyTime
from tests.support.times import NOW, at

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 1)
HUNDRED_TIMES = [f"2026-12-01T{n // 60 + 9:02}:{n % 60:02}" for n in range(100)]
HUNDRED_DAYS = [f"{FIRST + timedelta(days=n + 1)}T08:00" for n in range(100)]


def read(texts, *people) -> Draft:
    return read_draft(texts, people=people, viewer=people[0], duration=timedelta(minutes=5), now=NOW)


def calls_in(work) -> Counter:
    """Count how often `work` calls each Python function."""
    counted: Counter = Counter()

    def note(frame, event, _argument):
        if event == "call":
            counted[frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def fill(person, *, days: int, from_day: int) -> None:
    """Book one time on each of so many days, away from the proposed times."""
    starts = [at("2026-12-01 20:00") + timedelta(days=from_day + n) for n in range(days)]
    BusyTime.objects.bulk_create(
        BusyTime(
            organizer=person,
            claim=uuid.uuid4(),
            kind=BusyKind.BOOKING,
            start=start,
            end=start + timedelta(minutes=30),
        )
        for start in starts
    )


def test_copying_stops_past_the_limit(ada):
    draft = read(HUNDRED_TIMES + HUNDRED_DAYS, ada)

    made: list[str] = []
    counted = calls_in(lambda: made.extend(draft.with_copies_of(FIRST)))

    assert (len(draft.times), len(made), len(set(made))) == (200, 301, 301)
    assert counted["moment_at"] == 101


def test_copying_twice_adds_nothing(ada):
    draft = read(HUNDRED_TIMES[:3] + HUNDRED_DAYS[:3], ada)

    once = draft.with_copies_of(FIRST)

    assert len(once) == 6 + 3 * 3
    assert read(once, ada).with_copies_of(FIRST) == sorted(once)


def test_busy_time_on_other_days_adds_no_work_for_a_day(ada, grace):
    """Busy time between two picked days that are a year apart is read, but only looked at once."""
    texts = ["2026-12-01T09:00", *[f"2027-11-0{n}T09:00" for n in range(1, 9)]]
    fill(ada, days=20, from_day=30)
    form = CreatorForm(colleagues=colleagues_of(ada), now=NOW)
    costs = []
    for days, from_day in [(0, 0), (200, 50)]:
        fill(ada, days=days, from_day=from_day)
        fill(grace, days=days, from_day=from_day)
        draft = read(texts, ada, grace)
        page = CreatorPage(form=form, draft=draft.checked(), month=FIRST)
        page.context()  # caches the working hours
        costs.append(calls_in(draft.checked) + calls_in(page.context))

    assert costs[0] == costs[1]
    assert costs[0]["Period.overlaps"] > 0


def test_conflicts_are_only_looked_for_near_each_period(ada):
    fill(ada, days=300, from_day=0)
    periods = [Period.lasting(at("2026-12-01 20:00") + timedelta(days=3 * n), timedelta(hours=1)) for n in range(100)]

    found = {}
    counted = calls_in(lambda: found.update(conflicts_with([ada], periods, now=NOW)))

    assert len(found) == 100
    assert counted["Period.overlaps"] == 100
