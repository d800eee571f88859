"""Ask connected calendars about one period, right before it is booked.

It runs before the transaction of the booking, so nothing is locked while servers are asked. It only adds busy times:
what is no longer busy is left to the next refresh. An entry made between the answer and the commit, usually a tenth of
a second later, is found by the next refresh as well.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from caledee.accounts.models import User
from caledee.sealed import KeyMissing
from caledee.timekeeping.periods import Period
from scheduling.calendars.busy import counting_calendars
from scheduling.calendars.models import OutsideCalendar
from scheduling.calendars.providers.protocol import Account, Provider
from scheduling.calendars.providers.registry import provider_of
from scheduling.calendars.reading import Owner, Reading, ReadingFailed
from scheduling.calendars.refreshing.own_meetings import with_uids
from scheduling.calendars.refreshing.queue import queue_readings
from scheduling.calendars.refreshing.refresh import owner_of
from scheduling.calendars.refreshing.store import add

PATIENCE = timedelta(seconds=3)
# A reading this recent is as good as asking again.
RECENT = timedelta(seconds=30)
# Without an answer, a reading up to this old is still relied on.
GOOD_ENOUGH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Question:
    """What a thread needs to ask a calendar, without the database."""

    remote: str
    provider: Provider
    account: Account
    owner: Owner
    period: Period
    state: str

    def ask(self) -> Reading:
        return self.provider.check(
            self.account, self.remote, self.period, self.owner, state=self.state, patience=PATIENCE
        )


def calendars_to_ask(people: Collection[User], *, now: datetime) -> list[OutsideCalendar]:
    """Return the counting calendars of `people` that weren't read a moment ago. One query."""
    counting = with_uids(counting_calendars(people).select_related("person"), now)
    return list(counting.exclude(read_at__gte=now - RECENT))


def recheck(calendars: Collection[OutsideCalendar], period: Period, *, now: datetime) -> set[User]:
    """Ask all `calendars` at once, and store what they are busy with in `period`. Ends within PATIENCE.

    Returns the people whose calendars can't be relied on: one gave no answer, and its last good reading is older than
    GOOD_ENOUGH. Calendars without an answer are read again soon.
    """
    questions = {each.pk: question for each in calendars if (question := _question(each, period))}
    answers = _ask(questions)
    silent = [calendar for calendar in calendars if calendar.pk not in answers]
    for calendar in calendars:
        if calendar.pk in answers:
            # Not `now`: a reading that began while the servers were asked may not have seen what they said.
            add(calendar, period, answers[calendar.pk], now=timezone.now())
    _read_soon(silent, now)
    return {each.person for each in silent if each.read_at is None or each.read_at < now - GOOD_ENOUGH}


def _question(calendar: OutsideCalendar, period: Period) -> Question | None:
    """Prepare all that needs the database. Returns None if its credentials are known not to work."""
    connection = calendar.connection
    if connection.needs_reconnecting_at is not None:
        return None
    try:
        account = connection.account
    except KeyMissing:
        return None
    owner = owner_of(calendar, [*calendar.organized_uids, *calendar.cohosted_uids])
    state = _state_of(calendar, period)
    return Question(calendar.remote, provider_of(connection.kind), account, owner, period, state)


def _state_of(calendar: OutsideCalendar, period: Period) -> str:
    """Return the state at which `period` was read, or an empty text if it is outside of what was read."""
    if calendar.read_from is None or calendar.read_until is None:
        return ""
    return calendar.state if Period(calendar.read_from, calendar.read_until).contains(period) else ""


def _ask(questions: Mapping[UUID, Question]) -> dict[UUID, Reading]:
    """Return the answers that came within PATIENCE. Threads that are still waiting end on their own soon after."""
    if not questions:
        return {}
    pool = ThreadPoolExecutor(max_workers=len(questions), thread_name_prefix="recheck")
    asked = {key: pool.submit(question.ask) for key, question in questions.items()}
    wait(asked.values(), timeout=PATIENCE.total_seconds())
    pool.shutdown(wait=False)
    answers = {key: _answer_of(future) for key, future in asked.items()}
    return {key: answer for key, answer in answers.items() if answer is not None}


def _answer_of(future: Future[Reading]) -> Reading | None:
    try:
        return future.result(timeout=0)
    except (TimeoutError, ReadingFailed):
        return None


def _read_soon(calendars: Collection[OutsideCalendar], now: datetime) -> None:
    """Queue a reading of calendars that were fine so far. The others are tried again in their time."""
    if not calendars:
        return
    with transaction.atomic():
        fine = OutsideCalendar.objects.counting().filter(pk__in=[each.pk for each in calendars], failure="")
        # In the order of their keys, because other bookings do the same.
        locked = list(fine.select_for_update(no_key=True, of=["self"]).select_related("connection").order_by("pk"))
        OutsideCalendar.objects.filter(pk__in=[each.pk for each in locked]).update(next_try_at=now)
        queue_readings(locked, now=now)
