"""Past busy times of connected calendars are deleted, even if the calendar can't be read any more."""

from datetime import timedelta

from caledee.timekeeping.periods import Period
from caledee.upkeep.cleanup import delete_old_data
from scheduling.calendars.models import OutsideBusy
from tests.support.calendars import make_calendar
from tests.support.times import NOW

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def test_busy_times_are_deleted_a_week_after_their_end(ada):
    make_calendar(ada, *(Period(end - HOUR, end) for end in (NOW - WEEK - HOUR, NOW - WEEK, NOW)))

    assert delete_old_data(now=NOW, dry_run=True).busy == 1
    assert OutsideBusy.objects.count() == 3
    assert delete_old_data(now=NOW).busy == 1
    assert {row.end for row in OutsideBusy.objects.all()} == {NOW - WEEK, NOW}
