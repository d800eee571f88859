from datetime import timedelta

import pytest

from caledee.limits.counting import Counted, Limit, seconds_to_wait
from caledee.limits.models import Tally
from caledee.upkeep.cleanup import delete_old_data
from tests.support.times import NOW

THREE = Limit("three", 3, timedelta(minutes=10))
FIVE = Limit("five", 5, timedelta(minutes=1))
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rate_limits(settings):
    settings.RATE_LIMITS = True


def waits(*counted, times, now=NOW):
    return [seconds_to_wait(*counted, now=now + n * SECOND) for n in range(times)]


def test_so_many_attempts_are_allowed_and_the_next_waits_for_the_end_of_the_window():
    assert waits(Counted(THREE, ("a",)), times=6) == [0, 0, 0, 597, 596, 595]


def test_attempts_are_allowed_again_after_the_announced_seconds_and_not_before():
    counted = Counted(THREE, ("a",))
    wait = waits(counted, times=4)[-1]
    told_at = NOW + 3 * SECOND

    assert seconds_to_wait(counted, now=told_at + (wait - 1) * SECOND) == 1
    assert waits(counted, times=4, now=told_at + wait * SECOND) == [0, 0, 0, 597]


def test_each_is_counted_apart():
    waits(Counted(THREE, ("a", "b")), times=4)

    others = [Counted(THREE, ("a",)), Counted(THREE, ("ab",)), Counted(THREE, ("b", "a")), Counted(FIVE, ("a", "b"))]
    assert [seconds_to_wait(each, now=NOW) for each in others] == [0, 0, 0, 0]


def test_an_attempt_that_one_limit_refuses_is_not_counted_by_later_ones():
    both = [Counted(THREE, ("a",)), Counted(FIVE, ("a",))]
    waits(*both, times=20)

    assert waits(Counted(FIVE, ("a",)), times=3) == [0, 0, 58]


def test_switched_off_nothing_is_counted(settings):
    settings.RATE_LIMITS = False

    assert waits(Counted(THREE, ("a",)), times=10) == [0] * 10
    assert not Tally.objects.exists()


def test_rows_name_nobody_and_go_when_they_count_no_more():
    waits(Counted(THREE, ("192.0.2.1",)), Counted(FIVE, ("dana@example.com\x00\ud800",)), times=1)
    assert all(len(key) == 64 and key.isalnum() for key in Tally.objects.values_list("key", flat=True))

    assert [delete_old_data(now=NOW + timedelta(minutes=n)).counts for n in (0, 1, 1, 10)] == [0, 1, 0, 1]
