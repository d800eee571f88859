from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from psycopg.errors import CheckViolation, ExclusionViolation

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.availability import ledger as busy
from scheduling.availability.ledger import Claimed, TimeTaken
from scheduling.availability.taken import LEDGER, Taken, TakenKind, conflicts_with, read_holds, read_taken
from scheduling.models import LONGEST_DURATION, BusyKind, BusyTime
from tests.support.times import NOW, at, between

MORNING = between("2026-12-01 09:00", "2026-12-01 12:00")
TEN = between("2026-12-01 10:00", "2026-12-01 10:30")
QUARTER_PAST_TEN = between("2026-12-01 10:15", "2026-12-01 10:45")
HALF_PAST_TEN = between("2026-12-01 10:30", "2026-12-01 11:00")
ONE, OTHER = UUID(int=1), UUID(int=2)


def book(claim: UUID, organizer: User, *periods: Period, now: datetime = NOW) -> None:
    busy.claim(claim, BusyKind.BOOKING, [organizer], [Claimed(period) for period in periods], now=now)


def hold(claim: UUID, organizer: User, *periods: Period, until: datetime | None = None, now: datetime = NOW) -> None:
    claimed = [Claimed(period, lapses_at=until or period.start) for period in periods]
    busy.claim(claim, BusyKind.HOLD, [organizer], claimed, now=now)


def ledger(organizer: User, *, now: datetime = NOW, window: Period = MORNING) -> list[tuple[UUID, str, Period]]:
    return [(row.claim, row.kind, row.period) for row in read_taken([organizer], window, now=now)]


def rows() -> set[tuple[str, UUID, Period]]:
    """Return all rows of the table, whether they count or not."""
    return {(row.organizer.handle, row.claim, row.period) for row in BusyTime.objects.select_related("organizer")}


def test_what_is_claimed_is_busy(ada):
    book(ONE, ada, HALF_PAST_TEN, TEN)

    assert ledger(ada) == [(ONE, "booking", TEN), (ONE, "booking", HALF_PAST_TEN)]


def test_nothing_claimed_changes_nothing(ada):
    book(ONE, ada)

    assert rows() == set()


def test_a_claim_keeps_its_buffers_and_its_end_for_the_readers(ada):
    five, ten = timedelta(minutes=5), timedelta(minutes=10)
    busy.claim(ONE, BusyKind.HOLD, [ada], [Claimed(TEN, at("2026-11-30 12:00"), five, ten)], now=NOW)

    [taken] = read_taken([ada], MORNING, now=NOW)

    assert taken == Taken(ada.pk, TEN, TakenKind.HOLD, LEDGER, ONE, five, ten)
    assert BusyTime.objects.get().lapses_at == at("2026-11-30 12:00")


def test_only_what_overlaps_the_window_is_read(ada):
    book(ONE, ada, TEN, HALF_PAST_TEN)

    assert ledger(ada, window=between("2026-12-01 10:29", "2026-12-01 10:30")) == [(ONE, "booking", TEN)]
    assert ledger(ada, window=between("2026-12-01 11:00", "2026-12-01 18:00")) == []
    assert ledger(ada, window=between("2026-12-01 08:00", "2026-12-01 10:00")) == []


def test_the_longest_period_is_found_from_its_last_minute(ada):
    longest = Period.lasting(at("2026-12-01 09:00"), LONGEST_DURATION)
    book(ONE, ada, longest)

    last_minute = Period.lasting(longest.end - timedelta(minutes=1), timedelta(minutes=1))

    assert ledger(ada, window=last_minute) == [(ONE, "booking", longest)]


def test_a_claim_can_be_left_out_of_the_reading(ada):
    hold(ONE, ada, TEN)
    hold(OTHER, ada, HALF_PAST_TEN)

    left = read_taken([ada], MORNING, now=NOW, except_claim=ONE)

    assert [(row.claim, row.period) for row in left] == [(OTHER, HALF_PAST_TEN)]


def test_the_busy_time_of_others_is_not_read(ada, grace):
    book(ONE, ada, TEN)
    book(OTHER, grace, TEN)

    assert ledger(ada) == [(ONE, "booking", TEN)]
    both = read_taken([ada, grace], MORNING, now=NOW)
    assert [(taken.person, taken.claim) for taken in both] == [(ada.pk, ONE), (grace.pk, OTHER)]


@pytest.mark.parametrize("first", [book, hold])
@pytest.mark.parametrize("second", [book, hold])
def test_another_claim_on_an_overlapping_time_is_refused(ada, first, second):
    first(ONE, ada, TEN)

    with pytest.raises(TimeTaken) as caught:
        second(OTHER, ada, QUARTER_PAST_TEN)

    assert [(row.claim, row.period) for row in caught.value.conflicts] == [(ONE, TEN)]
    assert rows() == {("ada", ONE, TEN)}


def test_a_refused_claim_writes_none_of_its_periods(ada):
    book(ONE, ada, TEN)

    with pytest.raises(TimeTaken):
        hold(OTHER, ada, HALF_PAST_TEN, QUARTER_PAST_TEN)

    assert rows() == {("ada", ONE, TEN)}


def test_a_claim_on_several_people_takes_the_time_of_all_or_of_none(ada, grace, alan):
    book(ONE, grace, TEN)

    with pytest.raises(TimeTaken) as caught:
        busy.claim(OTHER, BusyKind.BOOKING, [ada, grace], [Claimed(TEN)], now=NOW)
    busy.claim(OTHER, BusyKind.BOOKING, [ada, alan], [Claimed(TEN)], now=NOW)

    assert [row.organizer for row in caught.value.conflicts] == [grace]
    assert rows() == {("grace", ONE, TEN), ("ada", OTHER, TEN), ("alan", OTHER, TEN)}


def test_the_transaction_stays_usable_after_a_refusal(ada):
    book(ONE, ada, TEN)
    with pytest.raises(TimeTaken):
        book(OTHER, ada, TEN)

    book(OTHER, ada, HALF_PAST_TEN)

    assert rows() == {("ada", ONE, TEN), ("ada", OTHER, HALF_PAST_TEN)}


def test_times_that_only_touch_are_both_granted(ada):
    book(ONE, ada, TEN)
    hold(OTHER, ada, HALF_PAST_TEN)

    assert ledger(ada) == [(ONE, "booking", TEN), (OTHER, "hold", HALF_PAST_TEN)]


def test_times_of_one_claim_may_overlap_each_other(ada):
    hold(ONE, ada, TEN, QUARTER_PAST_TEN)

    assert ledger(ada) == [(ONE, "hold", TEN), (ONE, "hold", QUARTER_PAST_TEN)]


def test_a_claim_that_is_added_to_is_not_in_its_own_way(ada):
    hold(ONE, ada, TEN)

    hold(ONE, ada, QUARTER_PAST_TEN)

    assert ledger(ada) == [(ONE, "hold", TEN), (ONE, "hold", QUARTER_PAST_TEN)]


def test_what_is_in_the_way_is_named_in_order_of_start(ada):
    book(ONE, ada, HALF_PAST_TEN, TEN)

    with pytest.raises(TimeTaken) as caught:
        hold(OTHER, ada, MORNING)

    assert [row.period for row in caught.value.conflicts] == [TEN, HALF_PAST_TEN]


def test_the_same_time_of_two_people_is_granted(ada, grace):
    book(ONE, ada, TEN)
    book(OTHER, grace, TEN)

    assert rows() == {("ada", ONE, TEN), ("grace", OTHER, TEN)}


def test_what_the_database_refuses_for_another_reason_is_no_taken_time(ada):
    too_long = Period.lasting(at("2026-12-01 09:00"), LONGEST_DURATION + timedelta(minutes=1))

    with pytest.raises(IntegrityError, match="busy_time_length"):
        book(ONE, ada, TEN, too_long)

    assert rows() == set()


def test_releasing_claims_frees_them_of_everyone_and_no_others(ada, grace):
    busy.claim(ONE, BusyKind.BOOKING, [ada, grace], [Claimed(TEN)], now=NOW)
    hold(OTHER, ada, HALF_PAST_TEN)
    third = uuid4()
    hold(third, grace, HALF_PAST_TEN)

    busy.release_claims([ONE, third])

    assert rows() == {("ada", OTHER, HALF_PAST_TEN)}


def test_releasing_a_person_leaves_what_the_same_claims_take_of_others(ada, grace):
    busy.claim(ONE, BusyKind.BOOKING, [ada, grace], [Claimed(TEN)], now=NOW)
    hold(OTHER, ada, HALF_PAST_TEN)

    busy.release_person(ada)

    assert rows() == {("grace", ONE, TEN)}


def test_live_holds_are_ones_own_that_count_in_order_of_start(ada, grace):
    hold(ONE, ada, HALF_PAST_TEN, TEN)
    hold(OTHER, ada, between("2026-12-01 12:00", "2026-12-01 12:30"), until=at("2026-11-30 12:00"))
    book(uuid4(), ada, between("2026-12-01 13:00", "2026-12-01 13:30"))
    hold(uuid4(), grace, TEN)

    def live(now):
        return [(row.claim, row.period) for row in read_holds(ada, now=now)]

    before = at("2026-11-30 11:59")
    assert [claim for claim, _ in live(before)] == [ONE, ONE, OTHER]
    assert live(at("2026-11-30 12:00")) == [(ONE, TEN), (ONE, HALF_PAST_TEN)]
    assert live(TEN.start) == [(ONE, HALF_PAST_TEN)]


def test_times_of_one_start_are_read_in_order_of_their_ends(ada):
    quarter, hour = between("2026-12-01 10:00", "2026-12-01 10:15"), between("2026-12-01 10:00", "2026-12-01 11:00")
    hold(ONE, ada, hour, TEN, quarter)

    assert [taken.period for taken in read_taken([ada], MORNING, now=NOW)] == [quarter, TEN, hour]
    assert [taken.period for taken in read_holds(ada, now=NOW)] == [quarter, TEN, hour]


def test_a_refusal_lists_the_rows_of_one_start_in_the_order_of_their_keys(ada):
    hold(ONE, ada, TEN, between("2026-12-01 10:00", "2026-12-01 11:00"))
    last_first = list(BusyTime.objects.order_by("-pk"))
    BusyTime.objects.all().delete()
    BusyTime.objects.bulk_create(last_first)

    with pytest.raises(TimeTaken) as caught:
        book(OTHER, ada, MORNING)
    assert caught.value.conflicts == last_first[::-1]


def test_releasing_a_claim_frees_all_it_took_and_nothing_else(ada, grace):
    busy.claim(ONE, BusyKind.BOOKING, [ada, grace], [Claimed(TEN)], now=NOW)
    hold(OTHER, ada, HALF_PAST_TEN)

    assert busy.release(ONE) == 2

    assert rows() == {("ada", OTHER, HALF_PAST_TEN)}
    assert busy.release(ONE) == 0


def test_releasing_one_period_keeps_those_that_overlap_it(ada):
    same_start = between("2026-12-01 10:00", "2026-12-01 11:00")
    same_end = between("2026-12-01 09:30", "2026-12-01 10:30")
    hold(ONE, ada, TEN, QUARTER_PAST_TEN, same_start, same_end)

    assert busy.release(ONE, TEN) == 1

    assert rows() == {("ada", ONE, QUARTER_PAST_TEN), ("ada", ONE, same_start), ("ada", ONE, same_end)}


def test_a_hold_counts_until_it_lapses_and_not_at_that_moment(ada):
    until = at("2026-11-30 12:00")
    hold(ONE, ada, TEN, until=until)

    assert ledger(ada, now=until - timedelta(microseconds=1)) == [(ONE, "hold", TEN)]
    assert ledger(ada, now=until) == []
    assert conflicts_with([ada], [TEN], now=until) == {}


def test_a_booking_counts_however_long_ago_it_was(ada):
    book(ONE, ada, TEN)

    assert ledger(ada, now=at("2028-01-01 00:00")) == [(ONE, "booking", TEN)]


def test_a_writer_who_meets_a_lapsed_hold_releases_it(ada, grace):
    until = at("2026-11-30 12:00")
    hold(ONE, ada, TEN, until=until)
    hold(ONE, grace, TEN, until=until)

    book(OTHER, ada, QUARTER_PAST_TEN, now=until)

    assert rows() == {("ada", OTHER, QUARTER_PAST_TEN), ("grace", ONE, TEN)}


def test_a_writer_a_moment_too_early_is_refused_by_the_hold(ada):
    until = at("2026-11-30 12:00")
    hold(ONE, ada, TEN, until=until)

    with pytest.raises(TimeTaken):
        book(OTHER, ada, QUARTER_PAST_TEN, now=until - timedelta(seconds=1))

    assert rows() == {("ada", ONE, TEN)}


def test_conflicts_are_named_for_each_period_that_has_any(ada, grace):
    book(ONE, ada, TEN)
    hold(OTHER, ada, HALF_PAST_TEN)
    book(uuid4(), grace, MORNING)
    nine = between("2026-12-01 09:00", "2026-12-01 10:00")

    conflicts = conflicts_with([ada], [nine, TEN, QUARTER_PAST_TEN], now=NOW)

    assert {period: [row.claim for row in found] for period, found in conflicts.items()} == {
        TEN: [ONE],
        QUARTER_PAST_TEN: [ONE, OTHER],
    }


def test_conflicts_of_many_periods_take_one_query(ada, django_assert_num_queries):
    book(ONE, ada, TEN)
    periods = [Period.lasting(at(f"2026-12-{day:02} 10:00"), timedelta(hours=1)) for day in range(1, 31)]

    with django_assert_num_queries(1):
        assert list(conflicts_with([ada], periods, now=NOW)) == [periods[0]]
    with django_assert_num_queries(0):
        assert conflicts_with([ada], [], now=NOW) == {}


def insert(organizer: User, claim: UUID, kind: str, period: Period) -> None:
    """Insert a row directly, bypassing `scheduling.availability.ledger`."""
    lapses_at = period.start if kind == BusyKind.HOLD else None
    BusyTime.objects.create(
        organizer=organizer, claim=claim, kind=kind, start=period.start, end=period.end, lapses_at=lapses_at
    )


@pytest.mark.parametrize("first", BusyKind)
@pytest.mark.parametrize("second", BusyKind)
def test_the_database_refuses_what_the_code_would_let_through(ada, first, second):
    insert(ada, ONE, first, TEN)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        insert(ada, OTHER, second, QUARTER_PAST_TEN)

    assert isinstance(caught.value.__cause__, ExclusionViolation)
    assert caught.value.__cause__.diag.constraint_name == "busy_time_no_overlap"
    assert rows() == {("ada", ONE, TEN)}


@pytest.mark.parametrize("first", BusyKind)
@pytest.mark.parametrize("second", BusyKind)
def test_the_database_lets_one_claim_overlap_itself_and_others_touch(ada, grace, first, second):
    insert(ada, ONE, first, TEN)

    insert(ada, ONE, second, QUARTER_PAST_TEN)
    insert(ada, OTHER, second, between("2026-12-01 10:45", "2026-12-01 11:00"))
    insert(grace, OTHER, second, TEN)

    assert len(rows()) == 4


@pytest.mark.parametrize(
    ("kind", "minutes", "lapses", "constraint"),
    [
        ("booking", 0, None, "busy_time_length"),
        ("booking", 721, None, "busy_time_length"),
        ("booking", 30, 0, "busy_time_holds_lapse"),
        ("hold", 30, None, "busy_time_holds_lapse"),
        ("hold", 30, 1, "busy_time_holds_lapse"),
        ("lunch", 30, None, "busy_time_holds_lapse"),
    ],
)
def test_the_database_refuses_rows_that_mean_nothing(ada, kind, minutes, lapses, constraint):
    start = TEN.start
    lapses_at = None if lapses is None else start + timedelta(minutes=lapses)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        BusyTime.objects.create(
            organizer=ada,
            claim=ONE,
            kind=kind,
            start=start,
            end=start + timedelta(minutes=minutes),
            lapses_at=lapses_at,
        )

    assert isinstance(caught.value.__cause__, CheckViolation)
    assert caught.value.__cause__.diag.constraint_name == constraint


def test_organizers_are_locked_in_the_order_of_their_keys_and_read_fresh(ada, grace, alan):
    User.objects.filter(pk=grace.pk).update(name="Rear Admiral Hopper")

    locked = busy.lock_organizers([grace, alan.pk, ada, grace.pk])

    assert locked == sorted([ada, grace, alan], key=lambda person: person.pk)
    assert {person.name for person in locked} == {ada.name, alan.name, "Rear Admiral Hopper"}
    assert grace.name != "Rear Admiral Hopper"


def test_rows_that_refer_to_someone_who_is_locked_can_still_be_inserted(ada, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        busy.lock_organizers([ada])

    assert queries[0]["sql"].endswith("FOR NO KEY UPDATE")
