"""What the page of a meeting says about its organizer's connected calendars."""

from scheduling.bookings.book import cancel
from scheduling.calendars.models import MovedOutside
from scheduling.models import Canceller
from tests.factories import book_event_type, half_hour
from tests.support.calendars import make_calendar
from tests.support.times import NOW


def notes_of(browser, booking):
    return browser.get(f"/meetings/{booking.pk}/").context["calendar_notes"]


def test_a_meeting_that_has_another_time_in_a_calendar_says_so(browser_of, ada):
    booking = book_event_type(ada, "10:00")
    calendar = make_calendar(ada, half_hour("15:00"))
    moved = half_hour("15:00")
    MovedOutside.objects.create(calendar=calendar, booking=booking, start=moved.start, end=moved.end)

    assert notes_of(browser_of(ada), booking) == [
        "In Work, this meeting is at another time: Tuesday 1 December 2026, 15:00 to 15:30 (London, GMT)."
    ]


def test_a_meeting_that_overlaps_an_entry_says_in_which_calendars(browser_of, ada):
    booking = book_event_type(ada, "10:00")
    make_calendar(ada, half_hour("10:15"), name="Work")
    make_calendar(ada, half_hour("10:00"), name="Home")
    make_calendar(ada, half_hour("11:00"), name="Elsewhere")

    assert notes_of(browser_of(ada), booking) == ["It overlaps an entry in Home and Work."]


def test_a_cancelled_meeting_says_nothing(browser_of, ada):
    booking = book_event_type(ada, "10:00")
    make_calendar(ada, half_hour("10:00"))
    cancel(booking, by=Canceller.ORGANIZER, now=NOW)

    assert notes_of(browser_of(ada), booking) == []
