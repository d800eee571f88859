from datetime import timedelta

from caledee.timekeeping.periods import Period
from scheduling.availability.overlaps import ByDay, find_overlaps, hull
from scheduling.availability.taken import Blocked
from tests.support.times import at, between


def hours(start: str, count: int) -> Blocked:
    return Blocked(Period.lasting(at(start), timedelta(hours=count)))


NOON = hours("2026-12-01 12:00", 12)
LATE = hours("2026-12-01 23:00", 2)
MIDNIGHT = hours("2026-12-02 00:00", 1)
NEXT_LATE = hours("2026-12-02 23:00", 1)


def test_a_thing_is_found_once_on_every_day_that_it_touches():
    by_day = ByDay([NOON, LATE, MIDNIGHT, NEXT_LATE])

    def found(start: str, end: str) -> list[Blocked]:
        return by_day.overlapping(between(start, end))

    assert found("2026-12-01 00:00", "2026-12-02 00:00") == [NOON, LATE]
    assert found("2026-12-02 00:00", "2026-12-03 00:00") == [LATE, MIDNIGHT, NEXT_LATE]
    assert found("2026-12-01 00:00", "2026-12-03 00:00") == [NOON, LATE, MIDNIGHT, NEXT_LATE]
    assert found("2026-11-01 00:00", "2027-01-01 00:00") == [NOON, LATE, MIDNIGHT, NEXT_LATE]
    assert found("2026-12-02 01:00", "2026-12-02 23:00") == []


def test_things_that_are_equal_are_all_found():
    assert ByDay([NOON, hours("2026-12-01 12:00", 12)]).overlapping(NOON.period) == [NOON, NOON]


def test_each_period_is_mapped_to_what_overlaps_it():
    morning, evening = between("2026-12-01 09:00", "2026-12-01 12:00"), between("2026-12-01 22:00", "2026-12-01 23:30")

    assert find_overlaps([morning, evening], [NOON, LATE, MIDNIGHT]) == {evening: [NOON, LATE]}


def test_the_hull_reaches_from_the_first_start_to_the_last_end():
    assert hull([LATE.period, NOON.period]) == between("2026-12-01 12:00", "2026-12-02 01:00")
