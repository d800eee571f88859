import pytest

from scheduling.bookings.book import cancel
from scheduling.bookings.no_show import BookingNotBegun, note_no_show
from scheduling.models import Activity, Booking, Canceller
from tests.factories import book_event_type
from tests.support.tables import all_rows
from tests.support.times import NOW


def noted():
    return list(Activity.objects.filter(kind__in=["no_show", "showed_up"]).values_list("kind", "by_name", "at"))


def test_noting_what_is_noted_already_changes_nothing(ada, grace):
    booking = book_event_type(ada, "10:00")
    note_no_show(booking, missed=False, by=ada, now=booking.start)
    assert noted() == []
    note_no_show(booking, missed=True, by=ada, now=booking.start)
    before = all_rows()

    note_no_show(booking, missed=True, by=grace, now=booking.end)

    assert all_rows() == before
    assert (Booking.objects.get().no_show_at, noted()) == (booking.start, [("no_show", "Ada Lovelace", booking.start)])


def test_nobody_is_missed_before_it_begins_or_where_it_is_cancelled(ada):
    booking, cancelled = book_event_type(ada, "10:00"), book_event_type(ada, "11:00")
    cancel(cancelled, by=Canceller.INVITEE, now=NOW)
    before = all_rows()

    for each, moment in [(booking, NOW), (cancelled, cancelled.end)]:
        with pytest.raises(BookingNotBegun):
            note_no_show(each, missed=True, by=ada, now=moment)

    assert all_rows() == before
