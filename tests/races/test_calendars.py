"""Two workers read one calendar at once, while it is chosen, disconnected or checked before a booking."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from caledee.email.models import EmailRecord
from scheduling.calendars.audit import CHECKS
from scheduling.calendars.connecting import choose, disconnect
from scheduling.calendars.models import Connection, ConnectionKind, OutsideBusy, OutsideCalendar
from scheduling.calendars.providers.registry import PROVIDERS
from scheduling.calendars.reading import Failure
from scheduling.calendars.refreshing.refresh import refresh
from scheduling.calendars.refreshing.store import add
from scheduling.calendars.tasks import notify
from tests.factories import half_hour
from tests.races.audit import findings
from tests.races.racing import race
from tests.support.calendars import make_calendar
from tests.support.providers import failed, reading
from tests.support.times import NOW, between

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
READERS = 4
SECOND = timedelta(seconds=1)


class InStep:
    """Implements `Provider`. Each reading waits for the others and for what else is `joined`, and gives its answer."""

    def __init__(self, answers, others):
        self.answers = answers
        self.barrier = Barrier(len(answers) + others)

    def joined(self, act, *values, **named):
        """Do this at the moment at which all readings end."""

        def attempt():
            self.barrier.wait(10)
            return act(*values, **named)

        return attempt

    def read(self, account, remote, window, owner, *, state, patience):
        self.barrier.wait(10)
        answer = self.answers[window.end - timedelta(days=400)]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def calendar(ada):
    return make_calendar(ada, half_hour("10:00"), read_at=NOW - timedelta(hours=2), next_try_at=NOW)


def let_answer(monkeypatch, answers, others=0):
    provider = InStep(answers, others)
    monkeypatch.setitem(PROVIDERS, ConnectionKind.FEED, provider)
    return provider.joined


def rows():
    return [(row.start, row.end) for row in OutsideBusy.objects.order_by("start")]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_reading_that_began_last_stays(calendar, monkeypatch, _round):
    moments = [NOW + n * SECOND for n in range(READERS)]
    three = half_hour("15:00")
    answers = {moment: reading(half_hour(f"{10 + n}:00"), three, state=str(n)) for n, moment in enumerate(moments)}
    let_answer(monkeypatch, answers)

    race([partial(refresh, calendar.pk, now=moment) for moment in moments])

    calendar.refresh_from_db()
    last = half_hour("13:00")
    assert (calendar.state, calendar.read_at) == (str(READERS - 1), moments[-1])
    assert rows() == [(last.start, last.end), (three.start, three.end)]
    assert findings(CHECKS, now=NOW) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_happens_meanwhile_leaves_no_row_behind(calendar, monkeypatch, _round):
    answers = {NOW: reading(half_hour("11:00")), NOW + SECOND: reading(half_hour("12:00"))}
    joined = let_answer(monkeypatch, answers, others=2)
    look = reading(half_hour("14:00")).reading

    race(
        [
            partial(refresh, calendar.pk, now=NOW),
            partial(refresh, calendar.pk, now=NOW + SECOND),
            joined(add, calendar, between("2026-12-01 13:00", "2026-12-01 15:00"), look, now=NOW),
            joined(disconnect, calendar.connection, now=NOW),
        ]
    )

    assert not Connection.objects.exists()
    assert rows() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_calendar_that_stops_counting_keeps_nothing(calendar, monkeypatch, _round):
    answers = {NOW: reading(half_hour("11:00")), NOW + SECOND: failed(Failure.UNAUTHORIZED)}
    joined = let_answer(monkeypatch, answers, others=1)

    race(
        [
            partial(refresh, calendar.pk, now=NOW),
            partial(refresh, calendar.pk, now=NOW + SECOND),
            joined(choose, calendar, counts=False, now=NOW),
        ]
    )

    assert not OutsideCalendar.objects.get().counts
    assert rows() == []
    assert findings(CHECKS, now=NOW) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_everyone_is_notified_once(ada, grace, _round):
    for person in (ada, grace):
        make_calendar(person, read_at=NOW - timedelta(days=999))

    race([partial(notify, 0)] * READERS)

    assert sorted(EmailRecord.objects.values_list("kind", "person__handle")) == [
        ("pages_closed", "ada"),
        ("pages_closed", "grace"),
    ]
