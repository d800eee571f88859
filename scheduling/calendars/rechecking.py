"""Ask connected calendars about one period, right before it is booked.

It runs before the transaction of the booking, so nothing is locked while servers are asked. It only adds busy times:
what is no longer busy is left to the next refresh. An entry made between the answer and the commit, usually a tenth of
a second later, is found by the next refresh as well.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from caledee.accounts.models import User
from caledee.sealed import KeyMissing
from caledee.timekeeping.periods import Period, clip, merge
from scheduling.calendars.busy import counting_calendars
from scheduling.calendars.models import OutsideBusy, OutsideCalendar
from scheduling.calendars.own_meetings import separate_own, with_uids
from scheduling.calendars.providers.protocol import Account, Provider
from scheduling.calendars.providers.registry import provider_of
from scheduling.calendars.reading import OutsideTime, Owner, Reading, ReadingFailed
from scheduling.calendars.refreshing import owner_of

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

    def ask(self) -> Reading:
        return self.provider.check(self.account, self.remote, self.period, self.owner, patience=PATIENCE)


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
            _store(calendar, answers[calendar.pk], period, now)
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
    return Question(calendar.remote, provider_of(connection.kind), account, owner, period)


def _ask(questions: dict[UUID, Question]) -> dict[UUID, Reading]:
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


def _store(calendar: OutsideCalendar, reading: Reading, period: Period, now: datetime) -> None:
    """Add what the calendar is busy with in `period`, beside what is known of it."""
    found, _ = separate_own(reading)
    if not found:
        return
    with transaction.atomic():
        locked = OutsideCalendar.objects.counting().select_for_update(no_key=True).filter(pk=calendar.pk).first()
        if locked is None or (locked.read_at is not None and locked.read_at >= now):
            # It doesn't count any more, or a whole reading that began later has replaced everything.
            return
        known = list(locked.busy_rows.filter(start__lt=period.end, end__gt=period.start))
        firm = [row.period for row in known if not row.is_tentative]
        every = [row.period for row in known]
        new = [OutsideTime(part) for part in _beside(_periods(found, is_tentative=False), firm, period)]
        new += [OutsideTime(part, True) for part in _beside(_periods(found, is_tentative=True), every, period)]
        OutsideBusy.objects.bulk_create(
            OutsideBusy(
                calendar=locked,
                person=locked.person,
                start=each.period.start,
                end=each.period.end,
                is_tentative=each.is_tentative,
            )
            for each in new
        )


def _read_soon(calendars: Collection[OutsideCalendar], now: datetime) -> None:
    """Have them read at the next opportunity. Those that wait for the person stay as they are."""
    waiting = OutsideCalendar.objects.filter(pk__in=[each.pk for each in calendars], next_try_at__gt=now)
    if calendars:
        waiting.update(next_try_at=now)


def _periods(times: Iterable[OutsideTime], *, is_tentative: bool) -> list[Period]:
    return [each.period for each in times if each.is_tentative is is_tentative]


def _beside(found: Iterable[Period], known: Iterable[Period], within: Period) -> list[Period]:
    """Return what is in `found` but not in `known`, cut to `within`. Merged and in order. Pure."""
    rest = merge(clip(found, within))
    for each in merge(known):
        rest = [part for period in rest for part in _without(period, each)]
    return rest


def _without(period: Period, taken: Period) -> Iterator[Period]:
    if not period.overlaps(taken):
        yield period
        return
    if period.start < taken.start:
        yield Period(period.start, taken.start)
    if taken.end < period.end:
        yield Period(taken.end, period.end)
