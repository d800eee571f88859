from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caledee.timekeeping.periods import Period, clip, intersect, merge

EPOCH = datetime(2026, 12, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(start: int, end: int) -> Period:
    """Return the period between two minutes of the day of these tests."""
    return Period(EPOCH + start * MINUTE, EPOCH + end * MINUTE)


def minutes_of(period: Period) -> set[int]:
    return {minute for minute in range(200) if period.start <= EPOCH + minute * MINUTE < period.end}


def minutes_in(periods: list[Period]) -> set[int]:
    return set().union(*(minutes_of(period) for period in periods))


spans = st.builds(lambda start, length: span(start, start + length), st.integers(0, 120), st.integers(1, 40))
lists_of_spans = st.lists(spans, max_size=12)


@pytest.mark.parametrize("end", [10, 9])
def test_a_period_without_any_moment_is_refused(end):
    with pytest.raises(ValueError, match="must end after it starts"):
        span(10, end)


def test_a_period_lasts_its_duration():
    assert Period.lasting(EPOCH, 30 * MINUTE) == span(0, 30)
    assert Period.lasting(EPOCH, 30 * MINUTE).duration == timedelta(minutes=30)


def test_periods_of_the_same_moments_are_equal_across_zones():
    in_kolkata = timezone(timedelta(hours=5, minutes=30))
    assert Period(span(0, 30).start.astimezone(in_kolkata), span(0, 30).end) == span(0, 30)


def test_a_period_that_begins_where_another_ends_does_not_overlap_it():
    assert not span(0, 30).overlaps(span(30, 60))
    assert not span(30, 60).overlaps(span(0, 30))
    assert span(0, 31).overlaps(span(30, 60))


def test_a_period_contains_itself_and_nothing_that_reaches_past_it():
    assert span(10, 20).contains(span(10, 20))
    assert span(10, 20).contains(span(12, 15))
    assert not span(10, 20).contains(span(9, 20))
    assert not span(10, 20).contains(span(10, 21))


def test_padding_reaches_out_on_both_sides():
    assert span(10, 20).padded(2 * MINUTE, 5 * MINUTE) == span(8, 25)


def test_touching_periods_merge_into_one():
    assert merge([span(30, 60), span(0, 30), span(90, 100)]) == [span(0, 60), span(90, 100)]


def test_a_period_inside_another_disappears_in_the_merge():
    assert merge([span(0, 60), span(10, 20), span(50, 55)]) == [span(0, 60)]


def test_clipping_keeps_the_given_order_and_leaves_out_what_only_touches():
    window = span(20, 40)
    assert clip([span(35, 60), span(0, 25), span(0, 20), span(40, 50)], window) == [span(35, 40), span(20, 25)]


def test_what_two_lists_share_is_neither_more_nor_touching():
    assert intersect([span(0, 20), span(20, 50)], [span(10, 30), span(40, 60)]) == [span(10, 30), span(40, 50)]
    assert intersect([span(0, 20)], [span(20, 40)]) == []
    assert intersect([], [span(20, 40)]) == []


@given(spans, spans)
def test_periods_overlap_exactly_when_they_share_a_minute(one, other):
    assert one.overlaps(other) == bool(minutes_of(one) & minutes_of(other))


@given(spans, spans)
def test_a_period_contains_exactly_those_all_of_whose_minutes_it_has(one, other):
    assert one.contains(other) == (minutes_of(other) <= minutes_of(one))


@given(lists_of_spans)
def test_merging_keeps_every_minute_in_the_fewest_periods_in_order(periods):
    merged = merge(periods)

    assert minutes_in(merged) == minutes_in(periods)
    assert all(earlier.end < later.start for earlier, later in pairwise(merged))


@given(lists_of_spans, spans)
def test_clipping_leaves_of_each_period_the_minutes_within_the_window(periods, window):
    expected = [minutes_of(period) & minutes_of(window) for period in periods]

    assert [minutes_of(period) for period in clip(periods, window)] == [minutes for minutes in expected if minutes]


@given(lists_of_spans, lists_of_spans)
def test_an_intersection_has_the_minutes_of_both_in_the_fewest_periods_in_order(first, second):
    common = intersect(first, second)

    assert minutes_in(common) == minutes_in(first) & minutes_in(second)
    assert all(earlier.end < later.start for earlier, later in pairwise(common))
    assert common == intersect(second, first)
