"""Merging outside times in the database offers the same slots as taking each of them by itself."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caledee.timekeeping.periods import Period
from scheduling.availability.slots import SlotRules, open_starts, slots_of
from scheduling.availability.taken import Blocked
from scheduling.calendars.models import OutsideBusy
from tests.factories import on_tuesday
from tests.support.calendars import make_calendar
from tests.support.times import NOW, between

DAY = between("2026-12-01 09:00", "2026-12-01 17:00")
MINUTE = timedelta(minutes=1)


@st.composite
def calendars(draw):
    """Return the busy times of three calendars around the working hours of a day, by the minute."""
    time = st.builds(
        lambda start, length: Period.lasting(on_tuesday("08:00") + start * MINUTE, length * MINUTE),
        st.integers(0, 600),
        st.integers(1, 90),
    )
    return [draw(st.lists(time, max_size=5)) for _ in range(3)]


@pytest.fixture
def event_type(ada):
    return ada.event_types.get(slug="intro")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    each=calendars(),
    duration=st.sampled_from([5, 30, 45, 90]),
    step=st.sampled_from([5, 15, 30]),
    before=st.sampled_from([0, 10, 60]),
    after=st.sampled_from([0, 15]),
)
def test_slots_are_the_same(ada, event_type, each, duration, step, before, after):
    OutsideBusy.objects.all().delete()
    ada.outside_calendars.all().delete()
    for number, periods in enumerate(each):
        make_calendar(ada, *periods, name=str(number))
    rules = SlotRules(*(minutes * MINUTE for minutes in (duration, step, before, after)))
    event_type.duration, event_type.start_increment = rules.duration, rules.start_increment
    event_type.before_buffer, event_type.after_buffer = rules.before_buffer, rules.after_buffer

    found = slots_of(event_type, [ada], DAY, now=NOW)

    by_themselves = [Blocked(period) for periods in each for period in periods]
    assert found == open_starts([DAY], by_themselves, rules, DAY)
