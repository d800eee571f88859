"""What is known of connected calendars, for those who read it. Read only.

`scheduling.availability.taken` joins the first two statements into its one query.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from caledee.accounts.models import User
from caledee.timekeeping.periods import Period
from scheduling.calendars.models import (
    LONGEST_ROW,
    MovedOutside,
    OutsideCalendar,
    OutsideCalendarQuerySet,
)
from scheduling.models import Booking

# The busy times that count, as FROM and WHERE. No row is longer than LONGEST_ROW, which bounds the start from below.
ROWS = """
    FROM calendars_outsidebusy AS busy
    JOIN calendars_outsidecalendar AS calendar ON calendar.id = busy.calendar_id
    WHERE busy.person_id = ANY(%(people)s)
        AND busy.start > %(earliest_outside)s AND busy.start < %(end)s AND busy."end" > %(start)s
        AND calendar.counts
        AND (calendar.tentative_counts OR NOT busy.is_tentative)
"""
# `OutsideCalendar.objects.closed(now)`, as FROM and WHERE.
CLOSED_CALENDARS = """
    FROM calendars_outsidecalendar
    WHERE person_id = ANY(%(people)s)
        AND counts
        AND (read_at IS NULL OR read_at < %(now)s - COALESCE(stale_after, make_interval(secs => %(usual_limit)s)))
"""


def parameters(window: Period) -> dict[str, datetime | int]:
    """Return what the statements need besides `people`, `start`, `end` and `now`."""
    return {"earliest_outside": window.start - LONGEST_ROW, "usual_limit": settings.CALENDAR_STALE_SECONDS}


def closed_calendars(people: Collection[User], *, now: datetime) -> OutsideCalendarQuerySet:
    """Return the counting calendars of `people` that haven't been read for too long, or never.

    Nobody knows what is in them, so no time of their person is offered.
    """
    return OutsideCalendar.objects.of(people).closed(now)


def counting_calendars(people: Collection[User]) -> OutsideCalendarQuerySet:
    """Return the calendars of `people` that count, with their connections: those to check before a booking."""
    return OutsideCalendar.objects.of(people).counting().select_related("connection")


def moved_outside(booking: Booking, person: User) -> list[MovedOutside]:
    """Return in which of the person's counting calendars the booking has another time than here. One query."""
    rows = MovedOutside.objects.filter(booking=booking, calendar__person=person, calendar__counts=True)
    return list(rows.select_related("calendar").order_by("calendar__name", "pk"))
